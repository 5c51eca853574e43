//! Printed records, stickers and red tags made from answers: text and HTML.
//!
//! May use: `domain`, `bench` answers.
//! Invariants: pages are pure functions of the answers given; every text from data is cleaned of control characters and
//! direction overrides, and escaped in HTML; unknown is printed as unknown; nothing is left out because it did not fit.

mod clean;
mod delivery;
mod device;
mod doc;
mod due;
mod html;
mod label;
mod order;
mod record;
#[cfg(test)]
mod tests;
mod text;
mod words;

use crate::bench::query::ShopFacts;

pub use delivery::{Delivered, Delivery, delivery_html, delivery_text};
pub use device::{device_summary_html, device_summary_text};
pub use due::next_due;
pub use label::{
    LabelSize, RedTag, Sticker, red_tag_html, red_tag_text, sticker_html, sticker_text,
};
pub use order::{order_html, order_text};
pub use record::{record_html, record_text};

/// How a page is to be made.
#[derive(Clone, Copy, Debug)]
pub struct Page<'a> {
    /// The shop, for the first line; `None` prints none.
    pub shop: Option<&'a ShopFacts>,
    /// Columns of the text form; at least 40 are used.
    pub width: usize,
    /// Printable ASCII only in the text form.
    pub ascii: bool,
}

impl Default for Page<'_> {
    /// 80 columns, no shop line, all characters.
    fn default() -> Self {
        Self {
            shop: None,
            width: 80,
            ascii: false,
        }
    }
}

impl Page<'_> {
    /// The line that says whose page it is and when it was printed.
    fn shop_line(&self, doc: &mut doc::Doc) {
        if let Some(shop) = self.shop {
            doc.fact("Shop", format!("{} (site {})", shop.name, shop.site));
            doc.fact("Printed", words::time(shop.now));
        }
    }
}
