//! Twelve months of two waves each. In the first of a month debtors repay and agencies ask for contacts, in the second
//! they close what was granted; payments fill each up to its part of the whole.

use talea_client::operations::{self, collections, credit};
use talea_node::demo::progress::Progress;
use talea_tests::workload::Workload;
use talea_types::{
    Hash, PermitId, SignedTransaction, Timestamp, TransactionId,
    conduct::{Channel, ComplaintStep, ContactResult},
    operation::{
        ClockAdvance, ComplaintAnswer, ComplaintOpen, ContactOutcome, DisputeOpen, PreferenceSet,
        Preferences, Transfer,
    },
    time::DAY_MS,
};

use crate::{
    report::Speed,
    send::Shares,
    stage::{AGENCIES, PRINCIPAL, Stage, VALIDATORS, amount},
};

const MONTHS: u64 = 12;
const WAVES: u64 = 2 * MONTHS;
/// The business day of a month is so many days after that of the month before.
const MONTH_DAYS: u32 = 30;
/// Three in the afternoon, UTC: morning in New York.
const MORNING_MS: u64 = 15 * 3_600_000;
/// From then on it is night there.
const UNTIL_NIGHT_MS: u64 = 13 * 3_600_000;
/// How long a contact may take.
const CONTACT_MS: u64 = 2 * 3_600_000;
/// One in so many transactions asks for a contact, of each agency in a month; below its window of nonces.
const PER_CONTACT: u64 = 1_650;
const CONTACTS_MAX: u64 = 800;
/// One in so many is a wish of the debtor with the long file, in a wave; below its window of nonces.
const PER_WISH: u64 = 2_500;
const WISHES_MAX: u64 = 800;
/// One in so many is a complaint, in a month.
const PER_COMPLAINT: u64 = 50_000;
/// A commitment to words that nobody says here.
const COMMITMENT: Hash = Hash([3; 32]);

/// Whose file becomes long.
pub const LONG_FILE: usize = 0;

/// Plays the months until there are `total` transactions. Gives how fast they were made.
pub async fn play(stage: &mut Stage, total: u64, progress: &mut Progress) -> anyhow::Result<Speed> {
    let mut made = Speed::default();
    let mut payments = 0;
    for month in 0..MONTHS {
        begin(stage, month, progress).await?;
        let mut wave = Wave::begin(stage, total).await?;
        let asked = wave.ask(month);
        wave.repay(month)?;
        wave.wish();
        let opened = wave.complain(month);
        let shares = wave.fill(total, WAVES - 2 * month, &mut payments)?;
        let refused = made.add(stage, shares, progress).await?;
        let mut wave = Wave::begin(stage, total).await?;
        wave.close(asked.iter().filter(|one| !refused.contains_key(&one.id)));
        wave.answer(&opened);
        wave.charge_off(month);
        wave.wish();
        let shares = wave.fill(total, WAVES - 2 * month - 1, &mut payments)?;
        made.add(stage, shares, progress).await?;
    }
    Ok(made)
}

/// Moves the clock to the morning of the month's business day.
async fn begin(stage: &mut Stage, month: u64, progress: &mut Progress) -> anyhow::Result<()> {
    let info = stage.info().await?;
    let days = if month == 0 { 1 } else { MONTH_DAYS };
    let date = info.business_date.max(info.ledger_time.day()) + days;
    let at = u64::from(date) * DAY_MS + MORNING_MS;
    let by_ms = at.saturating_sub(info.ledger_time.millis());
    let with = stage.workload().await?;
    let advance = stage.operator.sign(&with, ClockAdvance { by_ms }, &[]);
    let mut shares = Shares::default();
    shares[0].push(advance);
    stage.apply("the clock", shares, progress).await?;
    // The block after it has the new time; without transactions it comes by itself.
    stage.until_time(at).await?;
    let with = stage.workload().await?;
    let date = stage
        .operator
        .sign(&with, credit::advance_business_date(date), &[]);
    let mut shares = Shares::default();
    shares[0].push(date);
    stage.apply("the business date", shares, progress).await?;
    Ok(())
}

/// A contact that was asked for.
struct Asked {
    id: TransactionId,
    person: usize,
    /// What to say of it; nothing of what is not closed.
    result: Option<ContactResult>,
}

struct Wave<'s> {
    stage: &'s mut Stage,
    with: Workload,
    now: Timestamp,
    /// Transactions of all.
    total: u64,
    shares: Shares,
}

impl<'s> Wave<'s> {
    async fn begin(stage: &'s mut Stage, total: u64) -> anyhow::Result<Self> {
        let with = stage.workload().await?;
        let now = stage.info().await?.ledger_time;
        Ok(Self {
            stage,
            with,
            now,
            total,
            shares: Shares::default(),
        })
    }

    fn push(&mut self, author: usize, transaction: SignedTransaction) {
        self.shares[author % VALIDATORS].push(transaction);
    }

    /// Agencies ask to contact their debtors, the one with the long file more often than others; at night too.
    fn ask(&mut self, month: u64) -> Vec<Asked> {
        let people = self.stage.people.len() as u64;
        let contacts = (self.total / PER_CONTACT).clamp(4, CONTACTS_MAX);
        let mut asked = Vec::new();
        for number in 0..contacts * AGENCIES as u64 {
            let person = match number % 50 {
                0 => LONG_FILE,
                _ => ((number * 7_919 + month * 104_729) % people) as usize,
            };
            let about = &self.stage.people[person];
            let Some(case) = about.case else { continue };
            let (channel, result) = match number % 5 {
                0 | 1 => (Channel::VoiceCall, ContactResult::NoAnswer),
                2 => (Channel::VoiceCall, ContactResult::Conversation),
                3 => (Channel::TextMessage, ContactResult::Sent),
                _ => (Channel::Letter, ContactResult::Sent),
            };
            let at_night = number % 7 == 0;
            let from = self
                .now
                .plus_millis(if at_night { UNTIL_NIGHT_MS } else { 0 });
            let until = from.plus_millis(CONTACT_MS);
            let permit =
                collections::permit(case, about.loans[0], channel, Hash([8; 32]), from, until);
            let agency = about.agency;
            let signed = self.stage.agencies[agency].sign(&self.with, permit, &[]);
            asked.push(Asked {
                id: signed.id(),
                person,
                result: (!at_night && number % 11 != 0).then_some(result),
            });
            self.push(agency, signed);
        }
        asked
    }

    /// Half of the loans are repaid a quarter at a time, some once, some whole, some never.
    fn repay(&mut self, month: u64) -> anyhow::Result<()> {
        for number in 0..self.stage.people.len() {
            for place in 0..self.stage.people[number].loans.len() {
                let minor_units = match (loan_class(number, place), month) {
                    (0..5, _) if month % 3 == 1 => PRINCIPAL / 8,
                    (5 | 6, 1) => PRINCIPAL / 8,
                    (7, 4) => PRINCIPAL,
                    _ => continue,
                };
                let person = &mut self.stage.people[number];
                let repay =
                    credit::repay(person.loans[place], person.account, amount(minor_units)?);
                let signed = person.signer.sign(&self.with, repay, &[]);
                self.push(number, signed);
            }
        }
        Ok(())
    }

    /// What is never repaid is given up, a part of it each month once it is late enough.
    fn charge_off(&mut self, month: u64) {
        const FIRST: u64 = 6;
        for number in 0..self.stage.people.len() {
            for place in 0..self.stage.people[number].loans.len() {
                let is_due = month >= FIRST && number as u64 % (MONTHS - FIRST) == month - FIRST;
                if loan_class(number, place) == 9 && is_due {
                    let person = &self.stage.people[number];
                    let (bank, loan) = (person.bank, person.loans[place]);
                    let give_up = credit::charge_off(loan);
                    let signed = self.stage.banks[bank].sign(&self.with, give_up, &[]);
                    self.push(bank, signed);
                }
            }
        }
    }

    /// A debtor changes its mind all the time.
    fn wish(&mut self) {
        let agency = self.stage.agencies[0].organisation();
        for number in 0..(self.total / PER_WISH).clamp(2, WISHES_MAX) {
            let person = &mut self.stage.people[LONG_FILE];
            let consents = if number % 2 == 0 {
                vec![agency]
            } else {
                Vec::new()
            };
            let wish = PreferenceSet {
                debtor: person.account,
                preferences: Preferences {
                    consents,
                    ..Preferences::default()
                },
            };
            let signed = person.signer.sign(&self.with, wish, &[]);
            self.push(LONG_FILE, signed);
        }
    }

    /// Some complain, and dispute a loan. Gives who.
    fn complain(&mut self, month: u64) -> Vec<usize> {
        let people = self.stage.people.len() as u64;
        let count = (self.total / PER_COMPLAINT).clamp(1, people / MONTHS.max(1));
        // Nobody twice: a complaint of a debtor has the number 1 then.
        let who = (0..count).map(|number| (1 + (month * count + number) % (people - 1)) as usize);
        let mut opened: Vec<usize> = who.collect();
        opened.dedup();
        for number in &opened {
            let agency = self.stage.agencies[self.stage.people[*number].agency].organisation();
            let person = &mut self.stage.people[*number];
            let complain = ComplaintOpen {
                debtor: person.account,
                against: agency,
                reason: 1,
                commitment: COMMITMENT,
            };
            let dispute = DisputeOpen {
                loan: person.loans[1],
                reason: 1,
                commitment: COMMITMENT,
            };
            let complain = person.signer.sign(&self.with, complain, &[]);
            let dispute = person.signer.sign(&self.with, dispute, &[]);
            self.push(*number, complain);
            self.push(*number, dispute);
        }
        opened
    }

    /// Three of four complaints are answered.
    fn answer(&mut self, opened: &[usize]) {
        for number in opened.iter().filter(|number| **number % 4 != 0) {
            let (debtor, agency) = (
                self.stage.people[*number].account,
                self.stage.people[*number].agency,
            );
            let answer = ComplaintAnswer {
                debtor,
                number: 1,
                step: ComplaintStep::Resolved,
                commitment: COMMITMENT,
            };
            let signed = self.stage.agencies[agency].sign(&self.with, answer, &[]);
            self.push(agency, signed);
        }
    }

    fn close<'a>(&mut self, granted: impl Iterator<Item = &'a Asked>) {
        for asked in granted {
            let Some(result) = asked.result else { continue };
            let agency = self.stage.people[asked.person].agency;
            let permit = PermitId::granted_by(asked.id, 0);
            let spoke = result == ContactResult::Conversation;
            let outcome = ContactOutcome {
                duration_seconds: if spoke { 45 } else { 0 },
                recording: spoke.then_some(COMMITMENT),
                ..collections::contact_outcome(permit, result, self.now)
            };
            let signed = self.stage.agencies[agency].sign(&self.with, outcome, &[]);
            self.push(agency, signed);
        }
    }

    /// Payments for what is missing of this wave's part, with everything else spread among them: no author has more
    /// in flight than its window then.
    fn fill(mut self, total: u64, waves_left: u64, turn: &mut usize) -> anyhow::Result<Shares> {
        let others: u64 = self.shares.iter().map(|share| share.len() as u64).sum();
        // The clock and the business date of the months to come.
        let ahead = (waves_left - 1) / 2 * 2;
        let left = total.saturating_sub(self.stage.counts.sent + ahead);
        let payments = (left / waves_left).saturating_sub(others);
        let mut paying = Shares::default();
        let people = self.stage.people.len();
        for number in 0..payments {
            let from = *turn % people;
            let to = self.stage.people[(from + 1 + *turn / people % (people - 1)) % people].account;
            let person = &mut self.stage.people[from];
            let pay = Transfer {
                end_to_end_id: reference(*turn),
                ..operations::transfer(
                    person.account,
                    to,
                    self.stage.asset,
                    amount(1 + number % 100)?,
                )
            };
            *turn += 1;
            paying[from % VALIDATORS].push(person.signer.sign(&self.with, pay, &[]));
        }
        Ok(std::array::from_fn(|share| {
            spread(
                std::mem::take(&mut self.shares[share]),
                std::mem::take(&mut paying[share]),
            )
        }))
    }
}

/// The reference of a payment, by its number from 0.
pub fn reference(number: usize) -> String {
    format!("PAY-{number:09}")
}

/// Mixes two lists evenly, each in its order.
fn spread<T>(some: Vec<T>, others: Vec<T>) -> Vec<T> {
    let (few, many) = (some.len().max(1), others.len().max(1));
    // Where the middle of each part is when both lists are stretched to one length.
    let some = some.into_iter().enumerate();
    let some = some.map(|(at, one)| ((2 * at + 1) * many, one));
    let others = others.into_iter().enumerate();
    let others = others.map(|(at, one)| ((2 * at + 1) * few, one));
    let mut all: Vec<(usize, T)> = some.chain(others).collect();
    all.sort_by_key(|(at, _)| *at);
    all.into_iter().map(|(_, one)| one).collect()
}

/// How a loan is repaid.
const fn loan_class(person: usize, place: usize) -> usize {
    (person * 3 + place * 7) % 10
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_mixed_evenly_and_stay_in_order() {
        let mixed = spread(vec![1, 2], (100..108).collect());
        assert_eq!(mixed, [100, 101, 1, 102, 103, 104, 105, 2, 106, 107]);
        assert_eq!(spread(Vec::new(), vec![1, 2]), [1, 2]);
        assert_eq!(spread(vec![1, 2], Vec::new()), [1, 2]);
    }

    #[test]
    fn every_way_to_repay_is_taken() {
        let classes = (0..100).flat_map(|person| [loan_class(person, 0), loan_class(person, 1)]);
        let mut classes: Vec<usize> = classes.collect();
        classes.sort_unstable();
        classes.dedup();
        assert_eq!(classes, (0..10).collect::<Vec<_>>());
    }
}
