//! Others on the same fleet and keys: nucleo and frizbee over the devices as lines, and SQLite's FTS5 with trigrams.

use tagout::domain::device::DeviceCard;

use super::{SHOWN, Times, slowest, times, typed};

/// A device as one line, as a picker would get it.
fn line(card: &DeviceCard) -> String {
    [
        &card.tag,
        &card.serial,
        &card.manufacturer,
        &card.model,
        &card.type_name,
        &card.department,
        &card.location,
        &card.ip,
        &card.mac,
        &card.udi_di,
        &card.status,
    ]
    .map(String::as_str)
    .join(" ")
}

fn compare(name: &str, theirs: &[(f64, String)], ours: &Times) {
    let theirs_all = times(theirs);
    println!("  {name:<17} {}", theirs_all.line());
    println!(
        "    tagout is       {:.1}x as fast at p50, {:.1}x at p99, {:.1}x at max (it matches whole lines; tagout matches fields)",
        theirs_all.at(50) / ours.at(50),
        theirs_all.at(99) / ours.at(99),
        theirs_all.at(100) / ours.at(100)
    );
    println!("    slowest         {}", slowest(theirs));
}

fn nucleo(lines: &[String]) -> Vec<(f64, String)> {
    use nucleo::pattern::{CaseMatching, Normalization};
    let nucleo: nucleo::Nucleo<u32> = nucleo::Nucleo::new(
        nucleo::Config::DEFAULT,
        std::sync::Arc::new(|| {}),
        Some(2),
        1,
    );
    let injector = nucleo.injector();
    for (number, line) in (0..).zip(lines) {
        injector.push(number, |_, columns| columns[0] = line.as_str().into());
    }
    let nucleo = std::cell::RefCell::new(nucleo);
    let before = std::cell::RefCell::new(String::new());
    typed(
        1,
        || before.borrow_mut().clear(),
        |text| {
            let mut nucleo = nucleo.borrow_mut();
            let append = !before.borrow().is_empty() && text.starts_with(&*before.borrow());
            nucleo
                .pattern
                .reparse(0, text, CaseMatching::Ignore, Normalization::Smart, append);
            while nucleo.tick(10).running {}
            let snapshot = nucleo.snapshot();
            let shown = snapshot.matched_item_count().min(SHOWN as u32);
            std::hint::black_box(snapshot.matched_items(0..shown).count());
            text.clone_into(&mut before.borrow_mut());
        },
    )
}

fn frizbee(lines: &[String]) -> Vec<(f64, String)> {
    typed(
        1,
        || (),
        |text| {
            let mut matcher = frizbee::Matcher::from_query(text, &frizbee::Config::default());
            let found = matcher.match_list_parallel(lines, 2);
            std::hint::black_box(found.iter().take(SHOWN).count());
        },
    )
}

fn trigrams(lines: &[String]) -> rusqlite::Result<Vec<(f64, String)>> {
    let db = rusqlite::Connection::open_in_memory()?;
    db.execute_batch("create virtual table d using fts5(line, tokenize = 'trigram')")?;
    db.execute_batch("begin")?;
    {
        let mut insert = db.prepare("insert into d(line) values (?1)")?;
        for line in lines {
            insert.execute([line])?;
        }
    }
    db.execute_batch("commit")?;
    let mut ranked = db.prepare("select rowid from d where d match ?1 order by rank limit 50")?;
    Ok(typed(
        1,
        || (),
        |text| {
            let words = text.split_whitespace();
            let words: Vec<String> = words
                .filter(|word| word.chars().count() > 2)
                .map(|word| format!("\"{}\"", word.replace('"', "")))
                .collect();
            // One and two letters it cannot look for; they are left out of its figures.
            if words.is_empty() {
                return;
            }
            let rows = ranked.query_map([words.join(" ")], |row| row.get::<_, i64>(0));
            std::hint::black_box(rows.map_or(0, Iterator::count));
        },
    )
    .into_iter()
    .filter(|(_, text)| text.split_whitespace().any(|w| w.chars().count() > 2))
    .collect())
}

/// Types the queries into each of the others.
pub fn measure(cards: &[DeviceCard], ours: &Times) {
    let lines: Vec<String> = cards.iter().map(line).collect();
    compare("nucleo 0.5", &nucleo(&lines), ours);
    compare("frizbee 0.13", &frizbee(&lines), ours);
    match trigrams(&lines) {
        Ok(keys) => compare("FTS5 trigram", &keys, ours),
        Err(error) => println!("  FTS5 trigram      not measured: {error}"),
    }
}
