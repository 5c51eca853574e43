//! A page as HTML: one file that needs nothing else, runs nothing, and prints on paper.
//!
//! Invariants: no script, no address, no outside file; every text is cleaned and escaped; a content policy in the page
//! forbids everything but its own styles.

use std::fmt::Write as _;

use super::clean::clean;
use super::doc::{Block, Doc, Mark};

const STYLE: &str = "\
body{font:11pt/1.35 sans-serif;color:#000;background:#fff;max-width:48em;margin:1.5em auto;padding:0 1em}\
h1{font-size:1.4em;border-bottom:2px solid #000;margin:0 0 .6em}\
h2{font-size:1.1em;border-bottom:1px solid #777;margin:1.2em 0 .4em;break-after:avoid}\
dl{display:grid;grid-template-columns:12em 1fr;margin:0}\
dt{color:#333}dd{margin:0;overflow-wrap:anywhere}\
p{margin:.1em 0;overflow-wrap:anywhere;break-inside:avoid}\
p.strong{font-weight:bold;margin-top:.6em;break-after:avoid}\
.bad{font-weight:bold}\
.lead{color:#333}.lead::after{content:\" \"}\
.across{position:fixed;top:40%;left:0;right:0;text-align:center;font-size:7em;font-weight:bold;color:#000;opacity:.13;\
transform:rotate(-30deg);pointer-events:none}\
.state{font-weight:bold;font-size:1.3em;border:3px solid #000;text-align:center;padding:.2em}\
@media print{body{margin:0;max-width:none}@page{margin:15mm}}";

/// The text with everything escaped that HTML would read as more than text.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in clean(text).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

/// A whole page: `style` is our own text, `body` is already escaped.
pub(super) fn wrap_page(title: &str, style: &str, body: &str) -> String {
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <title>{}</title>\n<style>{style}</style>\n</head>\n<body>\n{body}</body>\n</html>\n",
        escape(title)
    )
}

/// The page as HTML.
pub(super) fn html(doc: &Doc) -> String {
    let mut out = String::new();
    // Writing to a String cannot fail.
    if !doc.across.is_empty() {
        let words = doc.across.join(" - ");
        let big = doc.across.first().map(String::as_str).unwrap_or_default();
        let _ = writeln!(
            out,
            "<div class=\"across\">{}</div>\n<p class=\"state\">{}</p>",
            escape(big),
            escape(&words)
        );
    }
    let _ = writeln!(out, "<h1>{}</h1>", escape(&doc.title));
    let mut in_facts = false;
    for block in &doc.blocks {
        let fact = matches!(block, Block::Fact(..));
        if fact != in_facts {
            out.push_str(if fact { "<dl>\n" } else { "</dl>\n" });
            in_facts = fact;
        }
        match block {
            Block::Heading(text) => {
                let _ = writeln!(out, "<h2>{}</h2>", escape(text));
            }
            Block::Fact(label, text, mark) => {
                let _ = writeln!(
                    out,
                    "<dt>{}</dt><dd>{}</dd>",
                    escape(label),
                    marked(text, *mark)
                );
            }
            Block::Line {
                level,
                lead,
                text,
                mark,
            } => {
                let class = if *mark == Mark::Strong {
                    " class=\"strong\""
                } else {
                    ""
                };
                let lead = if lead.is_empty() {
                    String::new()
                } else {
                    format!("<span class=\"lead\">{}</span> ", escape(lead))
                };
                let _ = writeln!(
                    out,
                    "<p{class} style=\"margin-left:{}em\">{lead}{}</p>",
                    (*level).min(8) * 2,
                    marked(text, *mark)
                );
            }
        }
    }
    if in_facts {
        out.push_str("</dl>\n");
    }
    wrap_page(&doc.title, STYLE, &out)
}

fn marked(text: &str, mark: Mark) -> String {
    let text = escape(text);
    match mark {
        Mark::Struck => format!("<del>{text}</del>"),
        Mark::Bad => format!("<span class=\"bad\">{text}</span>"),
        Mark::Plain | Mark::Strong => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn markup_in_data_stays_text() {
        assert_eq!(
            escape("<script>alert(\"x&'y\")</script>"),
            "&lt;script&gt;alert(&quot;x&amp;&#39;y&quot;)&lt;/script&gt;"
        );
    }

    proptest! {
        #[test]
        fn no_data_opens_a_tag(text in "[<>&\"'a-z /=!-]{0,40}") {
            let mut doc = Doc::new(text.clone());
            doc.across.push(text.clone());
            doc.heading(text.clone());
            doc.fact(&text, text.clone());
            doc.line(1, &text, text.clone(), Mark::Struck);
            let with = html(&doc).matches(['<', '>', '"', '\'']).count();
            let mut empty = Doc::new("");
            empty.across.push(String::new());
            empty.heading("");
            empty.fact("", "");
            // A lead opens a span only when there is one.
            empty.line(1, if text.is_empty() { "" } else { "x" }, "", Mark::Struck);
            prop_assert_eq!(with, html(&empty).matches(['<', '>', '"', '\'']).count());
        }
    }
}
