//! Whole pages, compared with committed ones, and pages from any input.

mod any;
mod orders;
mod sample;

use super::clean::clean;
use super::*;
use crate::bench::RecordCheck;
use crate::bench::query::InspectionSheet;
use crate::domain::device::Outcome;
use crate::domain::id::Hash;
use crate::domain::inspection::InspectionEvent;

fn same(text: &str) -> String {
    text.to_owned()
}

fn signed_sheet(text: &dyn Fn(&str) -> String) -> InspectionSheet {
    let mut story = sample::worked(text);
    sample::signed(&mut story);
    sample::sheet(&story)
}

fn check(ok: bool) -> RecordCheck {
    RecordCheck {
        ok,
        digest: Hash([0x5e; 32]),
        signatures: vec!["performed by Ann Bell (ab) at 2026-03-02 09:30: holds".to_owned()],
        problems: if ok {
            Vec::new()
        } else {
            vec!["entry 07070707:5 was changed".to_owned()]
        },
    }
}

#[test]
fn a_record_with_every_situation() {
    let sheet = signed_sheet(&same);
    let shop = sample::shop(&same);
    let page = Page {
        shop: Some(&shop),
        ..Page::default()
    };
    insta::assert_snapshot!(record_text(&sheet, Some(&check(true)), &page));
}

#[test]
fn an_open_record_says_unsigned_and_what_is_missing() {
    let mut sheet = sample::sheet(&sample::worked(&same));
    sample::adopt(&mut sheet, &same);
    let page = Page {
        width: 60,
        ascii: true,
        ..Page::default()
    };
    let text = record_text(&sheet, None, &page);
    assert!(text.is_ascii());
    assert!(text.starts_with('*'), "{text}");
    insta::assert_snapshot!(text);
}

#[test]
fn void_and_broken_records_say_so_across_the_page() {
    let mut story = sample::worked(&same);
    story.tell(&InspectionEvent::Voided {
        reason: "wrong device".to_owned(),
    });
    let sheet = sample::sheet(&story);
    let text = record_text(&sheet, None, &Page::default());
    assert_eq!(text.matches("* VOID *").count(), 2, "{text}");
    assert!(text.contains("wrong device"));
    assert!(
        record_html(&sheet, None, &Page::default()).contains("<div class=\"across\">VOID</div>")
    );

    let broken = record_text(&signed_sheet(&same), Some(&check(false)), &Page::default());
    assert!(broken.contains("* DOES NOT CHECK *"));
    assert!(broken.contains("entry 07070707:5 was changed"));
    assert!(!broken.contains("UNSIGNED"));

    let mut shop = sample::shop(&same);
    shop.demo = true;
    let page = Page {
        shop: Some(&shop),
        ..Page::default()
    };
    assert!(record_text(&sheet, None, &page).contains("DEMONSTRATION"));
}

#[test]
fn the_html_record() {
    let html = record_html(&signed_sheet(&same), Some(&check(true)), &Page::default());
    assert!(html.contains("<del>12 Ω, FAIL</del>"));
    insta::assert_snapshot!(html);
}

#[test]
fn stickers_only_after_a_signed_pass() {
    let mut sheet = signed_sheet(&same);
    let due = chrono::NaiveDate::from_ymd_opt(2027, 3, 1);
    assert_eq!(Sticker::of(&sheet, due, "AB"), None, "undecided");
    sheet.inspection.outcome = Some(Outcome::Corrected);
    assert_eq!(Sticker::of(&sheet, due, "AB"), None, "a reading in doubt");
    sheet.inspection.suspects.clear();
    let sticker = Sticker::of(&sheet, due, "").expect("a signed pass");
    assert_eq!(
        sticker_text(&sticker, &LabelSize::STICKER),
        "ANNUAL PM\nDONE 2026-02-27 BY AB\nNEXT DUE 2027-03-01\nORDER SHOP-00012\nTAG 10023\n"
    );
    let unknown = Sticker {
        due: None,
        tag: "T".repeat(40),
        ..sticker.clone()
    };
    let text = sticker_text(&unknown, &LabelSize::STICKER);
    assert!(text.contains("NEXT DUE unknown"));
    assert_eq!(
        text.matches('T').count() - "NEXT TAG".matches('T').count(),
        40
    );
    let html = sticker_html(&sticker, &LabelSize::STICKER);
    assert!(html.contains("size:62mm 29mm") && html.contains("TAG 10023"));

    let open = sample::sheet(&sample::worked(&same));
    assert_eq!(Sticker::of(&open, due, "AB"), None, "unsigned");
    sheet.inspection.void = Some(("wrong".to_owned(), sample::stamp(1)));
    assert_eq!(Sticker::of(&sheet, due, "AB"), None, "void");
}

#[test]
fn red_tags_say_why_and_whom_to_ask() {
    let mut sheet = signed_sheet(&same);
    sheet.inspection.outcome = Some(Outcome::DoNotUse);
    let tag = RedTag::of_inspection(&sheet).expect("do not use");
    insta::assert_snapshot!(red_tag_text(&tag, &LabelSize::TAG));
    assert!(red_tag_html(&tag, &LabelSize::TAG).contains("DO NOT USE</p>"));
    sheet.inspection.outcome = Some(Outcome::Passed);
    assert_eq!(RedTag::of_inspection(&sheet), None);

    let mut device = sample::device_sheet(&same);
    let tag = RedTag::of_device(&device).expect("a hold");
    assert!(red_tag_text(&tag, &LabelSize::TAG).contains("FAILED TEST"));
    device.device.holds.clear();
    assert_eq!(RedTag::of_device(&device), None);
}

#[test]
fn a_device_on_a_page() {
    let sheet = sample::device_sheet(&same);
    insta::assert_snapshot!(device_summary_text(&sheet, &Page::default()));
}

#[test]
fn deliveries_count_what_is_missing() {
    let one = |n: u32, dead: Option<&str>| Delivered {
        tag: format!("2000{n}"),
        serial: format!("SN-{n}"),
        order: format!("SHOP-0010{n}"),
        dead: dead.map(str::to_owned),
    };
    let mut delivery = Delivery {
        purchase_order: "PO 4711".to_owned(),
        model: "Example Medical FL-200".to_owned(),
        by: "Ann Bell".to_owned(),
        ordered: Some(4),
        received: vec![one(1, None), one(2, Some("display dark")), one(3, None)],
        duplicates: vec![("SN-1".to_owned(), "20001".to_owned())],
        accessories: "power cord".to_owned(),
    };
    insta::assert_snapshot!(delivery_text(&delivery, &Page::default()));
    for (ordered, words) in [
        (Some(3), "3 of 3 ordered\n"),
        (Some(2), "1 MORE than ordered"),
        (None, "how many were ordered is unknown"),
    ] {
        delivery.ordered = ordered;
        let text = delivery_text(&delivery, &Page::default());
        assert!(text.contains(words), "{text}");
    }
    assert!(delivery_html(&delivery, &Page::default()).contains("DEAD ON ARRIVAL: display dark"));
}

#[test]
fn markup_in_every_text_field_stays_text() {
    let evil = |text: &str| format!("{text}<script>alert('x')</script>\"\u{202e}");
    let mut sheet = signed_sheet(&evil);
    sample::adopt(&mut sheet, &evil);
    sheet.inspection.outcome = Some(Outcome::Passed);
    let shop = sample::shop(&evil);
    let page = Page {
        shop: Some(&shop),
        ..Page::default()
    };
    let device = sample::device_sheet(&evil);
    let order = orders::sheet(&evil);
    let mut sound = sheet.clone();
    sound.inspection.suspects.clear();
    let sticker = Sticker::of(&sound, None, "").expect("a pass");
    let tag = RedTag::of_device(&device).expect("a hold");
    for html in [
        record_html(&sheet, None, &page),
        device_summary_html(&device, &page),
        order_html(&order, &page),
        sticker_html(&sticker, &LabelSize::STICKER),
        red_tag_html(&tag, &LabelSize::TAG),
    ] {
        assert!(!html.to_lowercase().contains("<script"), "{html}");
        assert!(html.to_lowercase().contains("&lt;script&gt;"));
        assert!(!html.contains('\u{202e}'));
        assert!(html.starts_with("<!DOCTYPE html>") && html.ends_with("</html>\n"));
        balanced(&html);
    }
}

/// Every tag that is opened is closed in order.
fn balanced(html: &str) {
    let mut open: Vec<&str> = Vec::new();
    for part in html.split('<').skip(1) {
        let tag = part.split('>').next().unwrap_or_default();
        let name = tag.split([' ', '\n']).next().unwrap_or_default();
        match name.strip_prefix('/') {
            Some(closed) => assert_eq!(open.pop(), Some(closed), "in {tag}"),
            None if matches!(name, "!DOCTYPE" | "meta") => {}
            None => open.push(name),
        }
    }
    assert!(open.is_empty(), "left open: {open:?}");
}

/// Without any white space: lines are broken anywhere.
fn squeezed(text: &str) -> String {
    clean(text).split_whitespace().collect()
}
