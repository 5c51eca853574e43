//! Rows into the order of their tags, after a fleet was put in as it came.
//!
//! Invariant: an index finds the same before and after; a search only has fewer rows to compare by their tags.

use super::Index;

impl Index {
    /// Puts the rows into the order of their tags and gives up the places of those that left.
    pub fn settle(&mut self) {
        let mut keys: Vec<(u128, u32)> = (0..self.rows() as u32)
            .filter_map(|row| Some((self.tag_head(row)?, row)))
            .collect();
        keys.sort_unstable_by(|(a, x), (b, y)| {
            a.cmp(b).then_with(|| self.by_tag(*x as usize, *y as usize))
        });
        let order: Vec<u32> = keys.into_iter().map(|(_, row)| row).collect();
        for members in &mut self.members {
            *members = order
                .iter()
                .map(|row| members.get(*row as usize).copied().unwrap_or(0))
                .collect();
        }
        self.idents.reorder(&order);
        self.pages.reorder(&order);
        self.numbers.clear();
        for row in 0..order.len() {
            self.number(row);
        }
        self.sorted = order.len();
        self.memo.clear();
    }

    /// The first sixteen bytes of a row's tag, which tell most tags apart; none where no device is.
    fn tag_head(&self, row: u32) -> Option<u128> {
        let (_, written) = self.pages.get(row as usize)?;
        let mut head = [0; 16];
        for (to, from) in head.iter_mut().zip(written.tag.bytes()) {
            *to = from;
        }
        Some(u128::from_be_bytes(head))
    }
}
