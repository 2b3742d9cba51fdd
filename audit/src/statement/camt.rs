//! ISO 20022 messages: camt.053.001.08 (statement) and camt.054.001.08 (debit and credit notification).
//!
//! Account ids are the 32 hexadecimal digits of their 16 bytes: the text that people use is longer than the 34
//! characters that the standard has for other schemes than IBAN. Transaction ids are in the additional
//! information of an entry, for the same reason.

use std::io::{self, Write};

use quick_xml::{
    Writer,
    events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event},
};
use talea_genesis::standards::date;
use talea_types::{AccountId, Amount, Timestamp};

use super::{Entry, Statement};

/// Which message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Message {
    /// camt.053.001.08: balances and entries.
    Statement,
    /// camt.054.001.08: entries.
    Notification,
}

impl Message {
    /// Namespace, element of the message, element of one account's part.
    const fn names(self) -> [&'static str; 3] {
        match self {
            Self::Statement => [
                "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08",
                "BkToCstmrStmt",
                "Stmt",
            ],
            Self::Notification => [
                "urn:iso:std:iso:20022:tech:xsd:camt.054.001.08",
                "BkToCstmrDbtCdtNtfctn",
                "Ntfctn",
            ],
        }
    }
}

/// Writes one message about the statements of an account, one for each asset; at least one.
///
/// # Errors
/// Those of `out`.
pub fn write_message(
    message: Message,
    statements: &[Statement],
    out: impl Write,
) -> io::Result<()> {
    let mut xml = Xml(Writer::new_with_indent(out, b' ', 2));
    let [namespace, name, part] = message.names();
    xml.0
        .write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let mut document = BytesStart::new("Document");
    document.push_attribute(("xmlns", namespace));
    xml.0.write_event(Event::Start(document))?;
    xml.parent(name, |xml| {
        xml.parent("GrpHdr", |xml| {
            let id = statements.first().map(message_id).unwrap_or_default();
            xml.leaf("MsgId", &id)?;
            let at = statements.first().map(|one| one.at).unwrap_or_default();
            xml.leaf("CreDtTm", &time(at))
        })?;
        statements
            .iter()
            .try_for_each(|statement| xml.parent(part, |xml| write_part(xml, message, statement)))
    })?;
    xml.0.write_event(Event::End(BytesEnd::new("Document")))?;
    writeln!(xml.0.get_mut())
}

/// The same for the same account, period and newest block.
fn message_id(statement: &Statement) -> String {
    let mut hasher = blake3::Hasher::new();
    hasher.update(statement.account.as_bytes());
    hasher.update(&statement.from.to_be_bytes());
    hasher.update(&statement.until.to_be_bytes());
    hasher.update(&statement.height.to_be_bytes());
    let hex = hasher.finalize().to_hex();
    hex.chars().take(32).collect()
}

fn write_part<W: Write>(
    xml: &mut Xml<W>,
    message: Message,
    statement: &Statement,
) -> io::Result<()> {
    let whole = message_id(statement);
    let short: String = whole.chars().take(22).collect();
    xml.leaf("Id", &format!("{short}-{}", statement.asset))?;
    xml.leaf("CreDtTm", &time(statement.at))?;
    xml.parent("FrToDt", |xml| {
        let midnight = |day: u32| format!("{}T00:00:00Z", date::days_to_text(day));
        xml.leaf("FrDtTm", &midnight(statement.from))?;
        xml.leaf("ToDtTm", &midnight(statement.until.saturating_add(1)))
    })?;
    xml.parent("Acct", |xml| write_account(xml, statement))?;
    if message == Message::Statement {
        write_balance(xml, statement, "OPBD", (statement.opening, statement.from))?;
        write_balance(xml, statement, "CLBD", (statement.closing, statement.until))?;
    }
    write_summary(xml, statement)?;
    statement
        .entries
        .iter()
        .try_for_each(|entry| xml.parent("Ntry", |xml| write_entry(xml, statement, entry)))
}

fn write_account<W: Write>(xml: &mut Xml<W>, statement: &Statement) -> io::Result<()> {
    xml.parent("Id", |xml| write_id(xml, &statement.account))?;
    if !statement.is_currency {
        xml.parent("Tp", |xml| xml.leaf("Prtry", statement.asset.as_str()))?;
    }
    xml.leaf("Ccy", statement.currency())?;
    xml.parent("Svcr", |xml| {
        xml.parent("FinInstnId", |xml| {
            xml.leaf("LEI", &statement.servicer.lei)?;
            let name: String = statement.servicer.name.chars().take(140).collect();
            xml.leaf("Nm", &name)
        })
    })
}

fn write_id<W: Write>(xml: &mut Xml<W>, account: &AccountId) -> io::Result<()> {
    xml.parent("Othr", |xml| {
        let digits: String = account
            .as_bytes()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        xml.leaf("Id", &digits)?;
        xml.parent("SchmeNm", |xml| xml.leaf("Prtry", "TALEA"))
    })
}

fn write_balance<W: Write>(
    xml: &mut Xml<W>,
    statement: &Statement,
    code: &str,
    (balance, day): (u64, u32),
) -> io::Result<()> {
    xml.parent("Bal", |xml| {
        xml.parent("Tp", |xml| {
            xml.parent("CdOrPrtry", |xml| xml.leaf("Cd", code))
        })?;
        xml.amount(statement, balance)?;
        // The ledger has no overdraft.
        xml.leaf("CdtDbtInd", "CRDT")?;
        xml.parent("Dt", |xml| xml.leaf("Dt", &date::days_to_text(day)))
    })
}

fn write_summary<W: Write>(xml: &mut Xml<W>, statement: &Statement) -> io::Result<()> {
    let total = |is_credit| {
        let entries = statement.entries.iter();
        let entries = entries.filter(|entry| entry.is_credit == is_credit);
        entries.fold((0_u64, 0_u128), |(count, sum), entry| {
            (count + 1, sum + u128::from(entry.amount))
        })
    };
    xml.parent("TxsSummry", |xml| {
        for (name, is_credit) in [("TtlCdtNtries", true), ("TtlDbtNtries", false)] {
            let (count, sum) = total(is_credit);
            xml.parent(name, |xml| {
                xml.leaf("NbOfNtries", &count.to_string())?;
                // More than an amount can be has no place in the message; the entries say it all.
                match u64::try_from(sum).ok().and_then(Amount::new) {
                    Some(sum) => xml.leaf("Sum", &sum.to_decimal(statement.decimals.into())),
                    None => Ok(()),
                }
            })?;
        }
        Ok(())
    })
}

fn write_entry<W: Write>(xml: &mut Xml<W>, statement: &Statement, entry: &Entry) -> io::Result<()> {
    let reference = format!("{}-{}", entry.height, entry.sequence);
    let indicator = if entry.is_credit { "CRDT" } else { "DBIT" };
    let day = date::days_to_text(entry.date);
    xml.leaf("NtryRef", &reference)?;
    xml.amount(statement, entry.amount)?;
    xml.leaf("CdtDbtInd", indicator)?;
    xml.parent("Sts", |xml| xml.leaf("Cd", "BOOK"))?;
    xml.parent("BookgDt", |xml| xml.leaf("Dt", &day))?;
    xml.parent("ValDt", |xml| xml.leaf("DtTm", &time(entry.at)))?;
    xml.leaf("AcctSvcrRef", &reference)?;
    xml.parent("BkTxCd", |xml| {
        xml.parent("Prtry", |xml| {
            xml.leaf("Cd", entry.kind.name())?;
            xml.leaf("Issr", "TALEA")
        })
    })?;
    xml.parent("NtryDtls", |xml| {
        xml.parent("TxDtls", |xml| {
            xml.parent("Refs", |xml| {
                xml.leaf("AcctSvcrRef", &reference)?;
                let given = match entry.end_to_end_id.as_str() {
                    "" => "NOTPROVIDED",
                    given => given,
                };
                xml.leaf("EndToEndId", given)
            })?;
            xml.amount(statement, entry.amount)?;
            xml.leaf("CdtDbtInd", indicator)?;
            let Some(other) = &entry.counterparty else {
                return Ok(());
            };
            let side = if entry.is_credit {
                "DbtrAcct"
            } else {
                "CdtrAcct"
            };
            xml.parent("RltdPties", |xml| {
                xml.parent(side, |xml| xml.parent("Id", |xml| write_id(xml, other)))
            })
        })
    })?;
    match &entry.transaction {
        Some(id) => xml.leaf("AddtlNtryInf", id),
        None => Ok(()),
    }
}

/// `2026-09-21T14:13:20Z`.
fn time(at: Timestamp) -> String {
    date::time_to_text(at)
}

/// Elements in each other.
struct Xml<W: Write>(Writer<W>);

impl<W: Write> Xml<W> {
    fn parent(
        &mut self,
        name: &str,
        inner: impl FnOnce(&mut Self) -> io::Result<()>,
    ) -> io::Result<()> {
        self.0.write_event(Event::Start(BytesStart::new(name)))?;
        inner(self)?;
        self.0.write_event(Event::End(BytesEnd::new(name)))
    }

    fn leaf(&mut self, name: &str, text: &str) -> io::Result<()> {
        self.parent(name, |xml| {
            xml.0.write_event(Event::Text(BytesText::new(text)))
        })
    }

    fn amount(&mut self, statement: &Statement, minor_units: u64) -> io::Result<()> {
        let mut start = BytesStart::new("Amt");
        start.push_attribute(("Ccy", statement.currency()));
        self.0.write_event(Event::Start(start))?;
        // Balances and differences of balances are amounts.
        let amount = Amount::new(minor_units).unwrap_or(Amount::ZERO);
        let text = amount.to_decimal(statement.decimals.into());
        self.0.write_event(Event::Text(BytesText::new(&text)))?;
        self.0.write_event(Event::End(BytesEnd::new("Amt")))
    }
}
