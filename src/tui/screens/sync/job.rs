//! Work on bundles beside the screen: a thread that tells how far it is and how it ended.
//!
//! Invariant: the screen never waits for it; a job whose screen is gone ends by itself, and what it had acknowledged stays.

use std::path::PathBuf;
use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};

use crate::bench::sync::{Arrived, ExportAsk, FileTrouble, SiteAct};
use crate::bench::{Failure, Session};
use crate::domain::id::SiteId;

/// What a technician wants done.
#[derive(Clone, Debug)]
pub enum Wish {
    /// Look at what a file or a folder would bring.
    Look(PathBuf),
    /// Take in what was looked at.
    TakeIn,
    /// Write bundles.
    Export(ExportAsk, PathBuf),
    /// Say something about a site.
    Say(SiteId, SiteAct),
}

/// How a job ended.
pub enum Ended {
    /// What files would bring.
    Looked(Box<Arrived>),
    /// What they brought.
    TookIn(Box<Arrived>),
    /// Lines for the technician.
    Done(Vec<String>),
    /// What went wrong.
    Failed(String),
}

enum News {
    Step(String),
    Ended(Ended),
}

/// A job that runs.
pub struct Job {
    news: Receiver<News>,
    /// How far it is, in words.
    pub step: String,
}

impl Job {
    /// Starts it, on the session's own link.
    pub fn start(session: &Session, wish: Wish) -> Self {
        let (sender, news) = channel();
        let session = session.beside();
        let lost = sender.clone();
        let made = std::thread::Builder::new()
            .name("bundles".to_owned())
            .spawn(move || {
                let ended = run(&session, wish, &sender);
                let _ = sender.send(News::Ended(ended));
            });
        if let Err(error) = made {
            let words =
                format!("The work could not be started ({error}). Nothing was changed; try again.");
            let _ = lost.send(News::Ended(Ended::Failed(words)));
        }
        Self {
            news,
            step: "…".to_owned(),
        }
    }

    /// What it has said since; how it ended, if it has.
    pub fn hear(&mut self) -> Option<Ended> {
        loop {
            match self.news.try_recv() {
                Ok(News::Step(step)) => self.step = step,
                Ok(News::Ended(ended)) => return Some(ended),
                Err(TryRecvError::Empty) => return None,
                Err(TryRecvError::Disconnected) => {
                    return Some(Ended::Failed(
                        "The work ended early. What was acknowledged is safe; look, then try again.".to_owned(),
                    ));
                }
            }
        }
    }
}

fn run(session: &Session, wish: Wish, news: &Sender<News>) -> Ended {
    let mut hear = |step: crate::bench::link::Step| {
        let words = match step.total.filter(|total| *total > 0) {
            Some(total) => format!("{} {} %", step.doing, step.done.min(total) * 100 / total),
            None => format!("{} {}", step.doing, step.done),
        };
        let _ = news.send(News::Step(words));
    };
    let failed = |failure: Failure| Ended::Failed(FileTrouble::from(failure).to_string());
    match wish {
        Wish::Look(path) => {
            let looked = session
                .give_files(&[path], &mut hear)
                .and_then(|()| Ok(session.preview_bundles(&mut hear)?));
            match looked {
                Ok(arrived) => Ended::Looked(Box::new(arrived)),
                Err(trouble) => Ended::Failed(trouble.to_string()),
            }
        }
        Wish::TakeIn => match session.import_bundles(&mut hear) {
            Ok(arrived) => Ended::TookIn(Box::new(arrived)),
            Err(failure) => failed(failure),
        },
        Wish::Export(ask, path) => match session.export_files(ask, &path, &mut hear) {
            Ok(files) if files.is_empty() => Ended::Done(vec![
                "There is nothing to export: the other shop has it all. No file was written."
                    .to_owned(),
            ]),
            Ok(files) => {
                let mut lines: Vec<String> = files
                    .iter()
                    .map(|(path, file)| {
                        format!(
                            "Wrote {} records to {} and read them back.",
                            file.entries,
                            path.display()
                        )
                    })
                    .collect();
                lines.push("It is safe to remove the stick.".to_owned());
                Ended::Done(lines)
            }
            Err(trouble) => Ended::Failed(trouble.to_string()),
        },
        Wish::Say(site, act) => match session.say_of_site(site, act, &mut hear) {
            Ok(Some(arrived)) if arrived.entries > 0 || !arrived.waiting.is_empty() => {
                Ended::TookIn(Box::new(arrived))
            }
            Ok(_) => Ended::Done(vec!["Noted.".to_owned()]),
            Err(failure) => failed(failure),
        },
    }
}
