//! Two agencies and one law: calls, caps, a race for the last of them, hours, wishes.

use std::time::{Duration, Instant};

use talea_client::{Client, Options, operations::collections};
use talea_types::{
    CaseId, Outcome, ParticipantId, PermitId, Subject, Timestamp,
    conduct::{Channel, ContactResult, Notice, Party},
    credit::Bucket,
    operation::{
        CasePlace, ContactPermit, DisputeOpen, DisputeResolve, NoticeCommit, OptOut, PreferenceSet,
        Preferences,
    },
};

use super::teller::{Teller, commitment};
use crate::demo::book::stage::at;

const REG_F_CAP: &str = "us-reg-f/1006.14(b)(2)(i)(A)@";
const REG_F_AFTER_CONVERSATION: &str = "us-reg-f/1006.14(b)(2)(i)(B)@";
const REG_F_HOURS: &str = "us-reg-f/1006.6(b)(1)(i)@";
const REG_F_STATEMENT: &str = "us-reg-f/1006.6(e)@";
const REG_F_OPT_OUT: &str = "us-reg-f/1006.14(h)(1)@";
const REG_F_DISPUTE: &str = "us-reg-f/1006.38(d)(2)@";
const CHINA_HOURS: &str = "cn-gbt-45251/quiet-hours@";
const CHINA_ATTEMPTS: &str = "cn-gbt-45251/dial-attempts@";
const CHINA_OTHERS: &str = "cn-gbt-45251/third-party";

/// How long one asked-for window is.
const WINDOW_MS: u64 = 10 * 60_000;
const RACE_DEADLINE: Duration = Duration::from_secs(60);
/// First hour (UTC) of calls by day: morning in Boston, afternoon in Shanghai.
const BOSTON_DAY: u64 = 15;
const SHANGHAI_DAY: u64 = 6;
/// Hours (UTC) of the night there, in summer and in winter.
const BOSTON_NIGHT: u64 = 5;
const SHANGHAI_NIGHT: u64 = 15;
/// An hour (UTC) at which the desks plan their calls: day in America and Europe, night in China.
const DESK_HOUR: u64 = 18;

/// Two agencies that asked for the last permitted call at the same moment.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Race {
    /// Validators that were asked.
    pub validators: [String; 2],
    /// Outcomes, in the same order.
    pub outcomes: [&'static str; 2],
    /// Milliseconds between the first submission and the last answer.
    pub elapsed_ms: u64,
}

/// A window of calls: a day after today, an hour of it (UTC), and a number of half hours into it.
fn window(today: u32, hour: u64, number: u64) -> (Timestamp, Timestamp) {
    let from = at(today + 1, hour * 3_600_000 + number * 30 * 60_000);
    (from, from.plus_millis(WINDOW_MS))
}

impl Teller<'_> {
    fn call(&self, case: CaseId, person: usize, hour: u64, number: u64) -> ContactPermit {
        let (from, until) = window(self.today, hour, number);
        ContactPermit {
            recorded: false,
            ..collections::permit(
                case,
                self.loan(person),
                Channel::VoiceCall,
                commitment(&format!("the telephone of {}", self.name(person))),
                from,
                until,
            )
        }
    }

    fn text(&self, case: CaseId, person: usize) -> ContactPermit {
        ContactPermit {
            channel: Channel::TextMessage,
            opt_out_statement: true,
            ..self.call(case, person, BOSTON_DAY, 9)
        }
    }

    /// A case with an agency, and the notice of what is owed that it serves.
    pub(super) async fn placed(&mut self, person: usize, agency: usize) -> anyhow::Result<CaseId> {
        let name = self.name(person);
        let author = self.agency(agency)?;
        let Subject::Participant(collector) = author else {
            anyhow::bail!("an agency is an organisation")
        };
        let place = place(self.debtor(person), collector, self.loan(person));
        let lender = self.stage.lender;
        let text = format!(
            "the lender places the debt of {name} with agency {}",
            agency + 1
        );
        let id = self.applied(&text, lender, place, &[]).await?;
        let case = CaseId::placed_by(id, 0);
        self.cases.push((case, self.debtor(person)));
        let text = format!("agency {} serves the notice of what is owed", agency + 1);
        self.applied(&text, author, notice(case), &[]).await?;
        Ok(case)
    }

    /// Regulation F: hours, the cap, the race for the last call of seven days, messages.
    pub(super) async fn ada_is_called(&mut self) -> anyhow::Result<Race> {
        let ada = self.people.ada;
        self.headline(
            "Ada lives in Boston and stopped paying: Regulation F binds both agencies together",
        );
        let cases = [self.placed(ada, 0).await?, self.placed(ada, 1).await?];
        let agencies = [self.agency(0)?, self.agency(1)?];
        let refused = |rule| (Outcome::ContactRefused, Some(rule));
        let night = self.call(cases[0], ada, BOSTON_NIGHT, 0);
        let text = "agency 1 asks to call her at night";
        self.asks(text, agencies[0], night, refused(REG_F_HOURS))
            .await?;
        let mut granted = Vec::new();
        for number in 0..6 {
            let agency = usize::from(number >= 4);
            let call = self.call(cases[agency], ada, BOSTON_DAY, number);
            let text = format!(
                "agency {} asks for a call tomorrow ({} of 7)",
                agency + 1,
                number + 1
            );
            let id = self
                .asks(&text, agencies[agency], call, (Outcome::Applied, None))
                .await?;
            granted.push((agencies[agency], PermitId::granted_by(id, 0), number));
        }
        let (race, winner) = self.race(ada, cases, 6).await?;
        granted.push((agencies[winner.0], winner.1, 6));
        let loser = 1 - winner.0;
        let over = self.call(cases[loser], ada, BOSTON_DAY, 7);
        let text = format!("agency {} asks for an eighth call", loser + 1);
        let by = (Outcome::OverrideNeeded, Some(REG_F_CAP));
        self.asks(&text, agencies[loser], over, by).await?;

        let silent = ContactPermit {
            opt_out_statement: false,
            ..self.text(cases[0], ada)
        };
        let text = "agency 1 asks for a text message that does not tell how to opt out";
        self.asks(text, agencies[0], silent, refused(REG_F_STATEMENT))
            .await?;
        let wish = PreferenceSet {
            debtor: self.debtor(ada),
            preferences: Preferences {
                opt_outs: vec![OptOut {
                    channel: Some(Channel::TextMessage),
                    contact_point: None,
                }],
                ..Preferences::default()
            },
        };
        self.applied("Ada wants no text messages", self.person(ada), wish, &[])
            .await?;
        let text = "agency 2 asks for a text message";
        let message = self.text(cases[1], ada);
        self.asks(text, agencies[1], message, refused(REG_F_OPT_OUT))
            .await?;

        // An hour after the last window the results are known.
        let (from, _) = window(self.today, BOSTON_DAY, 9);
        self.stage.advance_to(from).await?;
        for (agency, permit, number) in granted {
            let (from, _) = window(self.today, BOSTON_DAY, number);
            let result = match number {
                3 => ContactResult::Conversation,
                _ => ContactResult::NoAnswer,
            };
            let outcome = collections::contact_outcome(permit, result, from.plus_millis(60_000));
            let text = format!("the result of call {}: {result}", number + 1);
            self.applied(&text, agency, outcome, &[]).await?;
        }
        let next = self.call(cases[1], ada, BOSTON_DAY + 24, 0);
        let text = "agency 2 asks for a call on the day after she spoke with agency 1";
        let by = (Outcome::OverrideNeeded, Some(REG_F_AFTER_CONVERSATION));
        self.asks(text, agencies[1], next, by).await?;
        Ok(race)
    }

    /// Both agencies ask for one more call at once, each at another validator. One is granted.
    async fn race(
        &mut self,
        person: usize,
        cases: [CaseId; 2],
        number: u64,
    ) -> anyhow::Result<(Race, (usize, PermitId))> {
        let mut transactions = Vec::with_capacity(2);
        let mut clients = Vec::with_capacity(2);
        let mut validators = [String::new(), String::new()];
        for (agency, validator) in validators.iter_mut().enumerate() {
            let call = self.call(cases[agency], person, BOSTON_DAY, number);
            transactions.push(self.stage.sign(&self.agency(agency)?, call, &[])?);
            let (name, address) = &self.stage.nodes[agency];
            clients.push(Client::new(&Options::new([address]))?);
            validator.clone_from(name);
        }
        let begun = Instant::now();
        let (one, other) = tokio::join!(
            clients[0].submit(&transactions[0], RACE_DEADLINE),
            clients[1].submit(&transactions[1], RACE_DEADLINE),
        );
        let elapsed = begun.elapsed();
        let mut outcomes = [""; 2];
        let mut winner = None;
        for (agency, (settled, transaction)) in [one?, other?].iter().zip(&transactions).enumerate()
        {
            let id = transaction.id();
            let won = settled.is_committed();
            let expected = match won {
                true => (Outcome::Applied, None),
                false => (Outcome::OverrideNeeded, Some(REG_F_CAP)),
            };
            let rules = self.rules(expected.0, &id).await?;
            let text = format!(
                "THE RACE: agency {} asks {} for the last permitted call",
                agency + 1,
                validators[agency]
            );
            self.count(expected.0, &rules);
            self.tell(&text, expected.0, rules, expected)?;
            outcomes[agency] = expected.0.name();
            if won {
                anyhow::ensure!(winner.is_none(), "both agencies got the last call");
                winner = Some((agency, PermitId::granted_by(id, 0)));
            }
        }
        let winner = winner.ok_or_else(|| anyhow::anyhow!("no agency got the last call"))?;
        let race = Race {
            validators,
            outcomes,
            elapsed_ms: u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX),
        };
        Ok((race, winner))
    }

    /// The Chinese standard: other figures, other words, the same machine.
    pub(super) async fn bo_is_called(&mut self) -> anyhow::Result<()> {
        let bo = self.people.bo;
        self.headline("Bo lives in Shanghai: GB/T 45251-2025 binds");
        // The clock stands in the evening of the day after; calls are for the next.
        self.today += 1;
        let cases = [self.placed(bo, 0).await?, self.placed(bo, 1).await?];
        let agencies = [self.agency(0)?, self.agency(1)?];
        let refused = |rule| (Outcome::ContactRefused, Some(rule));
        let night = self.call(cases[0], bo, SHANGHAI_NIGHT, 0);
        let text = "agency 1 asks to call him at 23:00 his time";
        self.asks(text, agencies[0], night, refused(CHINA_HOURS))
            .await?;
        let family = ContactPermit {
            party: Party::ThirdParty,
            contact_point: commitment("the telephone of Bo's brother"),
            ..self.call(cases[0], bo, SHANGHAI_DAY, 0)
        };
        let text = "agency 1 asks to call his brother about the debt";
        self.asks(text, agencies[0], family, refused(CHINA_OTHERS))
            .await?;
        for number in 0..6 {
            let agency = usize::from(number >= 3);
            let call = self.call(cases[agency], bo, SHANGHAI_DAY, number);
            let text = format!(
                "agency {} asks for a call tomorrow ({} of 6)",
                agency + 1,
                number + 1
            );
            let id = self
                .asks(&text, agencies[agency], call, (Outcome::Applied, None))
                .await?;
            // Agency 2 will forget to say what came of its calls.
            if agency == 0 {
                self.unclosed
                    .push((agencies[0], PermitId::granted_by(id, 0), number));
            }
        }
        let over = self.call(cases[1], bo, SHANGHAI_DAY, 7);
        let text = "agency 2 asks for a seventh attempt at the same telephone";
        self.asks(text, agencies[1], over, refused(CHINA_ATTEMPTS))
            .await?;
        Ok(())
    }

    /// Every other loan that is more than 30 days late goes to an agency, which asks for a call and for a
    /// message.
    pub(super) async fn desks_at_work(&mut self) -> anyhow::Result<()> {
        let late = self.lending.late(Bucket::Days31To60);
        let people = self.people;
        let named = [people.ada, people.bo, people.dee, people.eli];
        let late: Vec<usize> = late
            .into_iter()
            .filter(|loan| !named.contains(loan))
            .collect();
        self.headline(&format!(
            "{} more loans are over 30 days late; the agencies plan their day",
            late.len()
        ));
        let lender = self.stage.lender;
        let mut placed = Vec::with_capacity(late.len());
        for (number, loan) in late.iter().enumerate() {
            let Subject::Participant(agency) = self.agency(number % 2)? else {
                anyhow::bail!("an agency is an organisation")
            };
            let place = place(self.debtor(*loan), agency, self.loan(*loan));
            placed.push(self.stage.sign(&lender, place, &[])?);
        }
        let cases = self.many(placed).await?;
        let cases: Vec<CaseId> = cases
            .into_iter()
            .map(|(id, _)| CaseId::placed_by(id, 0))
            .collect();
        let mut notices = Vec::with_capacity(late.len());
        for (number, case) in cases.iter().enumerate() {
            notices.push(
                self.stage
                    .sign(&self.agency(number % 2)?, notice(*case), &[])?,
            );
        }
        self.many(notices).await?;
        let mut asked = Vec::with_capacity(late.len() * 2);
        for (number, (loan, case)) in late.iter().zip(&cases).enumerate() {
            let call = self.call(*case, *loan, DESK_HOUR, 0);
            let message = ContactPermit {
                channel: Channel::Email,
                opt_out_statement: number % 3 > 0,
                contact_point: commitment(&format!("the address of {}", self.name(*loan))),
                ..call.clone()
            };
            let agency = self.agency(number % 2)?;
            for (permit, result) in [
                (call, ContactResult::NoAnswer),
                (message, ContactResult::Sent),
            ] {
                let signed = self.stage.sign(&agency, permit, &[])?;
                self.desk
                    .push((agency, PermitId::granted_by(signed.id(), 0), result));
                asked.push(signed);
            }
            self.cases.push((*case, self.debtor(*loan)));
        }
        let mut granted = 0;
        let mut permits = std::mem::take(&mut self.desk).into_iter();
        for (id, outcome) in self.many(asked).await? {
            let rules = self.rules(outcome, &id).await?;
            self.count(outcome, &rules);
            let permit = permits.next().filter(|_| outcome.is_applied());
            granted += usize::from(permit.is_some());
            self.desk.extend(permit);
        }
        eprintln!(
            "  {} contacts asked for, {granted} granted; the table in the end says why not",
            late.len() * 2
        );
        Ok(())
    }

    /// Agency 1 says what came of its calls; whoever says nothing for two days is in breach.
    pub(super) async fn days_pass(&mut self) -> anyhow::Result<()> {
        self.stage.begin_day(self.today + 1).await?;
        for (agency, permit, number) in std::mem::take(&mut self.unclosed) {
            let (from, _) = window(self.today, SHANGHAI_DAY, number);
            let outcome = collections::contact_outcome(
                permit,
                ContactResult::NoAnswer,
                from.plus_millis(60_000),
            );
            self.applied("agency 1 says that Bo did not answer", agency, outcome, &[])
                .await?;
        }
        let (from, _) = window(self.today, DESK_HOUR, 0);
        self.stage.advance_to(from.plus_millis(WINDOW_MS)).await?;
        let mut results = Vec::with_capacity(self.desk.len());
        for (agency, permit, result) in std::mem::take(&mut self.desk) {
            let at = from.plus_millis(60_000);
            let outcome = collections::contact_outcome(permit, result, at);
            results.push(self.stage.sign(&agency, outcome, &[])?);
        }
        self.stage.submit_applied(results, |_| ()).await?;
        self.today += 4;
        self.stage.begin_day(self.today).await?;
        eprintln!(
            "  three days later: agency 2 never said what came of its calls, which is a breach each"
        );
        Ok(())
    }

    /// A dispute stops collection until it is answered.
    pub(super) async fn ada_disputes(&mut self) -> anyhow::Result<()> {
        let ada = self.people.ada;
        self.headline("Ada disputes the debt");
        let loan = self.loan(ada);
        let dispute = DisputeOpen {
            loan,
            reason: 1,
            commitment: commitment("Ada: one instalment was not counted"),
        };
        self.applied("Ada disputes the debt", self.person(ada), dispute, &[])
            .await?;
        let agency = self.agency(0)?;
        let case = self.cases[0].0;
        let call = self.call(case, ada, BOSTON_DAY, 0);
        let by = (Outcome::ContactRefused, Some(REG_F_DISPUTE));
        self.asks("agency 1 asks for a call under dispute", agency, call, by)
            .await?;
        let answer = DisputeResolve {
            loan,
            resolution: talea_types::conduct::DisputeResolution::Rejected,
            answer: Some(commitment("every instalment that was paid, with its date")),
        };
        let lender = self.stage.lender;
        self.applied("the lender answers the dispute", lender, answer, &[])
            .await?;
        Ok(())
    }
}

fn place(
    debtor: talea_types::AccountId,
    collector: ParticipantId,
    loan: talea_types::LoanId,
) -> CasePlace {
    CasePlace {
        placement_notice: Some(commitment("the notice of placement")),
        forbearance: Some(commitment("how forbearance was considered")),
        ..collections::place_case(debtor, collector, [loan])
    }
}

fn notice(case: CaseId) -> NoticeCommit {
    NoticeCommit {
        case,
        notice: Notice::Validation,
        commitment: commitment("the notice of what is owed"),
    }
}
