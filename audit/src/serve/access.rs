//! What may be seen: the matrix of the ledger, asked of the verified state by the function that nodes ask too.
//!
//! Kept true: who may not read a record gets nothing of it; a look at what is a debtor's is in the log of looks,
//! on the disk, before its answer leaves. A node lets an organisation read what is a debtor's once that is recorded
//! on the ledger; the desk has the log for that, except where the reader has nothing but a permission of the
//! holder: such a read is bound to a purpose, and that stands on the ledger alone.

use axum::http::StatusCode;
use talea_ledger::{
    Ledger,
    access::{self, ReadRefusal, Record, Right},
};
use talea_types::{AccountId, Subject, access::RecordKind};

use super::{Desk, answer::Problem, caller, caller::Caller};
use crate::{Look, LookHead};

impl Desk {
    /// Checks that a record may be shown to whoever asks, and writes the look down where it is one: a debtor's at its
    /// own file is none.
    pub(super) async fn look(
        &self,
        caller: Option<&Caller>,
        record: Record,
        shown: &'static str,
    ) -> Result<Option<LookHead>, Problem> {
        let look = {
            let ledger = self.ledger.read();
            check(&ledger, caller, &record)?;
            match (caller, debtor_of(&ledger, &record)) {
                (Some(caller), Some((debtor, subject)))
                    if caller.subject != Subject::Account(debtor) =>
                {
                    Some(Look {
                        number: 0,
                        time_ms: super::now_ms(),
                        height: ledger.height(),
                        reader: caller.subject,
                        debtor,
                        subject,
                        shown: shown.to_owned(),
                    })
                }
                _ => None,
            }
        };
        let Some(look) = look else {
            return Ok(None);
        };
        let looks = std::sync::Arc::clone(&self.looks);
        let written = tokio::task::spawn_blocking(move || looks.lock().append(look)).await;
        match written {
            Ok(Ok(head)) => Ok(Some(head)),
            Ok(Err(error)) => {
                // What the disk has now is not known: nothing is said any more, to nobody, and the desk ends.
                self.unwritten.send_replace(Some(error.to_string()));
                std::future::pending().await
            }
            Err(error) => std::panic::resume_unwind(error.into_panic()),
        }
    }

    /// Whether a record may be shown, without showing it.
    pub(super) fn may(&self, caller: Option<&Caller>, record: &Record) -> bool {
        check(&self.ledger.read(), caller, record).is_ok()
    }
}

/// Checks that a record may be shown to whoever asks.
pub(super) fn check(
    ledger: &Ledger,
    caller: Option<&Caller>,
    record: &Record,
) -> Result<(), Problem> {
    let reader = caller.map(|caller| &caller.subject);
    match access::check_right(ledger, reader, record).map_err(problem)? {
        Right::Free | Right::OnRecord => Ok(()),
        Right::ByGrant => access::check_read(ledger, reader, record).map_err(problem),
    }
}

/// Whose debtor's file a record is a part of, and which part; `None` where it is none, or not there.
fn debtor_of(ledger: &Ledger, record: &Record) -> Option<(AccountId, Subject)> {
    let subject = match record.kind() {
        RecordKind::Debtor | RecordKind::Loan | RecordKind::Case => record.subject(ledger)?,
        _ => return None,
    };
    let debtor = record.accounts(ledger).into_iter().next()?;
    Some((debtor, subject))
}

fn problem(refusal: ReadRefusal) -> Problem {
    let message = refusal.to_string();
    match refusal {
        ReadRefusal::ReaderRequired { .. } => caller::required(),
        ReadRefusal::Denied { .. } => Problem::new(
            StatusCode::FORBIDDEN,
            "DENIED",
            message,
            "ask as somebody whom the access matrix lets see it, or ask the holder for a permission",
        ),
        ReadRefusal::OtherPurpose { granted, .. } => Problem::new(
            StatusCode::FORBIDDEN,
            "RECORD_FIRST",
            message,
            format!(
                "record the read on the ledger for '{}', then ask again",
                granted.name()
            ),
        ),
        ReadRefusal::NotLogged { subject, reader } => Problem::new(
            StatusCode::FORBIDDEN,
            "RECORD_FIRST",
            message,
            format!(
                "you may see this by a permission of the holder alone, which is for a purpose: record the read \
                 with `talea access log {subject} --purpose PURPOSE --field FIELD --as {reader} --key FILE`, then \
                 ask again"
            ),
        ),
    }
}

/// The record that a subject's own object is.
pub(super) const fn object(subject: &Subject) -> Record {
    Record::Object(talea_client::subject_key(subject))
}
