//! Who may read which record, by the committed state: the relations of a reader to a record, the matrix
//! of [`talea_types::access`], and whether the read was recorded. Pure: whoever serves records finds out
//! who asks, and asks [`check_read`].
//!
//! Kept true: what is not allowed is denied; an organisation that is suspended, or whose licence has ended,
//! has no roles; a permission counts only while it is in force and for the fields that it names; whoever
//! reads a debtor, a loan or a case that is not its own has said so on the ledger, where the debtor sees it.

mod record;
mod relations;

pub use record::Record;

use talea_types::{
    ParticipantId, Subject,
    access::{Reader, RecordKind, Relation, may_read},
    operation::DataPurpose,
    state::Role,
};

use crate::Ledger;

/// Why a record is not served.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadRefusal {
    /// Nobody has shown who reads.
    #[error(
        "a record of kind '{}' is not for everybody; show who reads, with a token signed by a key of an \
         account or organisation that may",
        kind.word()
    )]
    ReaderRequired {
        /// Kind of the record.
        kind: RecordKind,
    },
    /// The reader may not have it.
    #[error(
        "{reader} may not read this record of kind '{}': it has neither the role nor the relation that the \
         access matrix asks for",
        kind.word()
    )]
    Denied {
        /// Who asks.
        reader: Subject,
        /// Kind of the record.
        kind: RecordKind,
    },
    /// The reader was let in for another purpose than it recorded.
    #[error(
        "{reader} may read this only by a permission for '{}', and recorded its read for another purpose; \
         record it for that one",
        granted.name()
    )]
    OtherPurpose {
        /// Who asks.
        reader: Subject,
        /// What the permission is for.
        granted: DataPurpose,
    },
    /// The reader may have it once its read is recorded.
    #[error(
        "{reader} has not recorded that it reads {subject} within the last day, with the fields that this \
         record holds; submit an AccessLog for it, then ask again"
    )]
    NotLogged {
        /// Who asks.
        reader: Subject,
        /// Whose record.
        subject: Subject,
    },
}

/// What lets a reader have a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Right {
    /// Nothing has to be recorded: it is for everybody, the reader's own, or of a kind without a trace.
    Free,
    /// A role or a relation of an organisation; the read has to be recorded.
    OnRecord,
    /// A permission of the holder alone; the read has to be recorded for the purpose of the permission.
    ByGrant,
}

/// Checks whether `reader` (`None`: somebody who has shown nothing) may read a record now, and, where that
/// has to be, has recorded it on the ledger.
///
/// # Errors
/// [`ReadRefusal`].
pub fn check_read(
    ledger: &Ledger,
    reader: Option<&Subject>,
    record: &Record,
) -> Result<(), ReadRefusal> {
    let right = check_right(ledger, reader, record)?;
    match (reader, right) {
        (Some(Subject::Participant(id)), Right::OnRecord | Right::ByGrant) => {
            check_logged(ledger, id, record, right)
        }
        _ => Ok(()),
    }
}

/// Checks whether `reader` may read a record now, wherever the read is recorded: for who serves records and
/// keeps, of each, a record of its own.
///
/// # Errors
/// [`ReadRefusal::ReaderRequired`], [`ReadRefusal::Denied`].
pub fn check_right(
    ledger: &Ledger,
    reader: Option<&Subject>,
    record: &Record,
) -> Result<Right, ReadRefusal> {
    let kind = record.kind();
    if may_read(Reader::Anybody, kind, &[]) {
        return Ok(Right::Free);
    }
    let Some(reader) = reader else {
        return Err(ReadRefusal::ReaderRequired { kind });
    };
    // Who knows the id of a hold or a right to refund learns that it is gone: its parties wait for that.
    if kind == RecordKind::Payment && record.accounts(ledger).is_empty() {
        return Ok(Right::Free);
    }
    let denied = ReadRefusal::Denied {
        reader: *reader,
        kind,
    };
    let relations = relations::relations(ledger, reader, record);
    match reader {
        Subject::Account(_) => may_read(Reader::Account, kind, &relations)
            .then_some(Right::Free)
            .ok_or(denied),
        Subject::Participant(id) => {
            let roles = roles(ledger, id);
            let may =
                |relations: &[Relation]| may_read(Reader::Participant(roles), kind, relations);
            if !may(&relations) {
                return Err(denied);
            }
            if !kind.is_logged() {
                return Ok(Right::Free);
            }
            let others: Vec<Relation> = relations
                .into_iter()
                .filter(|relation| *relation != Relation::Grantee)
                .collect();
            Ok(if may(&others) {
                Right::OnRecord
            } else {
                Right::ByGrant
            })
        }
        // Nobody reads as these.
        Subject::Debtor(_) | Subject::Loan(_) | Subject::Case(_) => Err(denied),
    }
}

/// The roles that count now.
fn roles<'a>(ledger: &'a Ledger, id: &ParticipantId) -> &'a [Role] {
    match ledger.participant(id) {
        Some(one) if one.is_active(ledger.time()) => &one.roles,
        _ => &[],
    }
}

/// Checks that a read that has to be recorded is.
fn check_logged(
    ledger: &Ledger,
    id: &ParticipantId,
    record: &Record,
    right: Right,
) -> Result<(), ReadRefusal> {
    // Of what is not there, nothing is read.
    let Some(subject) = record.subject(ledger) else {
        return Ok(());
    };
    let reader = Subject::Participant(*id);
    let logged = ledger.logged_read(&subject, id).filter(|read| {
        read.is_fresh(ledger.time())
            && record
                .fields()
                .is_none_or(|fields| read.fields.contains(fields))
    });
    let Some(read) = logged else {
        return Err(ReadRefusal::NotLogged { reader, subject });
    };
    if right != Right::ByGrant {
        return Ok(());
    }
    let grants = record.accounts(ledger);
    let granted = grants
        .iter()
        .find_map(|account| ledger.data_grant(account, id));
    match granted {
        Some(grant) if grant.purpose != read.purpose => Err(ReadRefusal::OtherPurpose {
            reader,
            granted: grant.purpose,
        }),
        _ => Ok(()),
    }
}
