//! Debtors, cases, contacts and remedies in the language of the tables.

use std::collections::BTreeSet;

use talea_types::{
    CaseId, Hash, LoanId, Operation, ParticipantId, PermitId, StateKey, Subject, Timestamp,
    conduct::{
        Channel, ComplaintStep, ContactResult, DisputeResolution, Initiator, Notice, Party,
        Protection, Purpose,
    },
    credit::Instalment,
    hash::tagged,
    operation::{
        CasePlace, CaseRecall, CollectionsOperation, ComplaintAnswer, ComplaintOpen,
        ContactOutcome, ContactPermit, ContactReport, DisputeOpen, DisputeResolve, LocalHours,
        NoticeCommit, OptOut, PreferenceSet, Preferences, PromiseToPay, ProtectionSet,
        RepaymentPlan, Strategy,
    },
    state::{CaseNotice, OpenDispute, ProtectionEntry},
};

use super::{
    network::amount,
    script::{Words, duration, names},
    world::World,
};

/// The commitment that a name stands for.
pub fn commitment(name: &str) -> Hash {
    tagged("test commitment", &[name.as_bytes()])
}

fn word<T: std::str::FromStr>(text: &str) -> T {
    text.parse()
        .unwrap_or_else(|_| panic!("{text} is no word of its kind"))
}

/// `HH:MM-HH:MM`
fn hours(text: &str) -> LocalHours {
    let minute = |text: &str| -> u32 {
        let (hour, minute) = text.split_once(':').expect("HH:MM");
        hour.parse::<u32>().unwrap() * 60 + minute.parse::<u32>().unwrap()
    };
    let (from, until) = text.split_once('-').expect("FROM-UNTIL");
    LocalHours {
        from: minute(from),
        until: minute(until),
    }
}

impl World {
    pub fn loan_named(&self, label: &str) -> LoanId {
        LoanId::originated_by(self.transaction(label), 0)
    }

    pub fn case_named(&self, label: &str) -> CaseId {
        CaseId::placed_by(self.transaction(label), 0)
    }

    pub fn permit_named(&self, label: &str) -> PermitId {
        PermitId::granted_by(self.transaction(label), 0)
    }

    fn organisation_named(&self, name: &str) -> ParticipantId {
        let known = self.organisations.get(name).map(|(id, _)| *id);
        known.unwrap_or_else(|| ParticipantId::from_lei(name))
    }

    /// Reads an operation of collections and adds whose keys it needs.
    pub fn collecting(
        &self,
        kind: &str,
        author: &str,
        words: &mut Words<'_>,
        needed: &mut BTreeSet<String>,
    ) -> Option<Operation> {
        use CollectionsOperation as Collections;
        let operation = match kind {
            "prefer" => Collections::PreferenceSet(PreferenceSet {
                debtor: self.account(words.next()),
                preferences: self.preferences(words),
            }),
            "place" => Collections::CasePlace(self.place(words)),
            "recall" => Collections::CaseRecall(CaseRecall {
                case: self.case_named(words.next()),
                reason: 2,
            }),
            "notice" => Collections::NoticeCommit(NoticeCommit {
                case: self.case_named(words.next()),
                notice: word::<Notice>(words.next()),
                commitment: commitment("notice"),
            }),
            "contact" => Collections::ContactPermit(self.contact(words, needed)),
            "closed" => Collections::ContactOutcome(self.outcome(words)),
            "report" => Collections::ContactReport(self.report(author, words)),
            "promise" => Collections::PromiseToPay(PromiseToPay {
                loan: self.loan_named(words.next()),
                amount: amount(words.number()),
                by: self.day(words.option("by").expect("by DAYS")),
            }),
            "plan" => {
                let loan = self.loan_named(words.next());
                if let Some(found) = self.ledger.loan(&loan) {
                    self.add_holder(found.borrower, needed);
                }
                let instalment = |text: &str| {
                    let (days, of) = text.split_once('=').expect("DAYS=AMOUNT");
                    let days: u32 = days.parse().unwrap();
                    Instalment {
                        due: self.ledger.business_date() + days,
                        amount: amount(of.parse().unwrap()),
                    }
                };
                Collections::RepaymentPlan(RepaymentPlan {
                    loan,
                    instalments: names(words.next()).into_iter().map(instalment).collect(),
                })
            }
            "dispute" => Collections::DisputeOpen(DisputeOpen {
                loan: self.loan_named(words.next()),
                reason: 1,
                commitment: commitment("dispute"),
            }),
            "settle" => {
                let loan = self.loan_named(words.next());
                let resolution: DisputeResolution = word(words.next());
                let answered = resolution != DisputeResolution::Withdrawn;
                Collections::DisputeResolve(DisputeResolve {
                    loan,
                    resolution,
                    answer: answered.then(|| commitment("answer")),
                })
            }
            "protect" | "unprotect" => {
                let debtor = self.account(words.next());
                let protection: Protection = word(words.next());
                let until = words.option("until");
                Collections::ProtectionSet(ProtectionSet {
                    debtor,
                    protection,
                    until: until.map(|text| self.next_time.plus_millis(duration(text))),
                    loan: words.option("loan").map(|label| self.loan_named(label)),
                    lifted: kind == "unprotect",
                    commitment: commitment("evidence"),
                })
            }
            "complain" => Collections::ComplaintOpen(ComplaintOpen {
                debtor: self.account(author),
                against: self.organisation_named(words.next()),
                reason: 3,
                commitment: commitment("complaint"),
            }),
            "answer" => Collections::ComplaintAnswer(ComplaintAnswer {
                debtor: self.account(words.next()),
                number: words.number(),
                step: word::<ComplaintStep>(words.next()),
                commitment: commitment("answer"),
            }),
            _ => return None,
        };
        Some(Operation::Collections(operation))
    }

    /// So many days after the day of the next block (UTC).
    fn day(&self, days: &str) -> u32 {
        let days: i64 = days.parse().expect("a number of days");
        u32::try_from(i64::from(self.next_time.day()) + days).unwrap()
    }

    fn preferences(&self, words: &mut Words<'_>) -> Preferences {
        let mut preferences = Preferences::default();
        while let Some(option) = words.maybe() {
            match option {
                "cease" => preferences.cease = true,
                "represented" => preferences.represented = true,
                "consent" => {
                    let to = names(words.next()).into_iter();
                    preferences.consents = to.map(|name| self.participant(name)).collect();
                    preferences.consents.sort();
                }
                "refuse" => preferences.refused_hours.push(hours(words.next())),
                "agree" => preferences.agreed_hours = Some(hours(words.next())),
                "out" => {
                    let (channel, point) = words.next().split_once('@').expect("CHANNEL@POINT");
                    preferences.opt_outs.push(OptOut {
                        channel: (channel != "any").then(|| word::<Channel>(channel)),
                        contact_point: (point != "any").then(|| commitment(point)),
                    });
                }
                other => panic!("unknown option {other}"),
            }
        }
        preferences.opt_outs.sort();
        preferences
    }

    /// `DEBTOR COLLECTOR LOAN+LOAN [noticed] [forborne]`
    fn place(&self, words: &mut Words<'_>) -> CasePlace {
        let debtor = self.account(words.next());
        let collector = self.organisation_named(words.next());
        let loans = names(words.next()).into_iter();
        let mut loans: Vec<LoanId> = loans.map(|label| self.loan_named(label)).collect();
        loans.sort();
        let mut place = CasePlace {
            debtor,
            collector,
            loans,
            placement_notice: None,
            forbearance: None,
        };
        while let Some(option) = words.maybe() {
            match option {
                "noticed" => place.placement_notice = Some(commitment("placement")),
                "forborne" => place.forbearance = Some(commitment("forbearance")),
                other => panic!("unknown option {other}"),
            }
        }
        place
    }

    /// `CASE LOAN CHANNEL POINT [in TIME] [for TIME] [with PARTY] [to PURPOSE] [recorded] [no-opt-out]
    /// [override] [grade NUMBER]`
    fn contact(&self, words: &mut Words<'_>, needed: &mut BTreeSet<String>) -> ContactPermit {
        let case = self.case_named(words.next());
        let mut permit = ContactPermit {
            case,
            loan: self.loan_named(words.next()),
            channel: word::<Channel>(words.next()),
            party: Party::Debtor,
            purpose: Purpose::Payment,
            contact_point: commitment(words.next()),
            from: self.next_time,
            until: self.next_time,
            template: "script-1".to_owned(),
            language: "en".to_owned(),
            opt_out_statement: true,
            recorded: false,
            strategy: Strategy {
                grade: 2,
                model: "model-1".to_owned(),
                version: 1,
            },
            override_reason: 0,
        };
        let mut length = duration("10m");
        while let Some(option) = words.maybe() {
            match option {
                "in" => permit.from = self.next_time.plus_millis(duration(words.next())),
                "for" => length = duration(words.next()),
                "with" => permit.party = word(words.next()),
                "to" => permit.purpose = word(words.next()),
                "recorded" => permit.recorded = true,
                "grade" => permit.strategy.grade = words.number(),
                "no-opt-out" => permit.opt_out_statement = false,
                "override" => {
                    permit.override_reason = 5;
                    let lender = self.ledger.case(&case).map(|case| case.lender);
                    for (id, signers) in self.organisations.values() {
                        if Some(*id) == lender {
                            needed.extend(signers.iter().cloned());
                        }
                    }
                }
                other => panic!("unknown option {other}"),
            }
        }
        permit.until = permit.from.plus_millis(length);
        permit
    }

    /// `PERMIT RESULT [after TIME] [recording] [refused]`: so long after the start of the window.
    fn outcome(&self, words: &mut Words<'_>) -> ContactOutcome {
        let permit = self.permit_named(words.next());
        let from = self.ledger.permit(&permit).map(|permit| permit.from);
        let mut outcome = ContactOutcome {
            permit,
            result: word::<ContactResult>(words.next()),
            at: from.unwrap_or(self.next_time),
            duration_seconds: 30,
            recording: None,
            third_party_refused: false,
        };
        while let Some(option) = words.maybe() {
            match option {
                "after" => outcome.at = outcome.at.plus_millis(duration(words.next())),
                "recording" => outcome.recording = Some(commitment("recording")),
                "refused" => outcome.third_party_refused = true,
                other => panic!("unknown option {other}"),
            }
        }
        outcome
    }

    /// `COLLECTOR CHANNEL RESULT [case CASE] [permit PERMIT [after TIME]] [begun] [in TIME]`
    fn report(&self, author: &str, words: &mut Words<'_>) -> ContactReport {
        let mut report = ContactReport {
            debtor: self.account(author),
            collector: self.organisation_named(words.next()),
            case: None,
            permit: None,
            initiator: Initiator::Collector,
            channel: word::<Channel>(words.next()),
            result: word::<ContactResult>(words.next()),
            at: self.ledger.time(),
            evidence: None,
        };
        while let Some(option) = words.maybe() {
            match option {
                "case" => report.case = Some(self.case_named(words.next())),
                "permit" => {
                    let id = self.permit_named(words.next());
                    report.permit = Some(id);
                    if let Some(permit) = self.ledger.permit(&id) {
                        report.at = permit.from;
                    }
                }
                "after" => report.at = report.at.plus_millis(duration(words.next())),
                "begun" => report.initiator = Initiator::Debtor,
                "in" => report.at = self.next_time.plus_millis(duration(words.next())),
                other => panic!("unknown option {other}"),
            }
        }
        report
    }

    /// An assertion about collections, if the word begins one.
    pub fn check_collecting(&self, kind: &str, words: &mut Words<'_>) -> bool {
        match kind {
            "permit" => {
                let permit = self.ledger.permit(&self.permit_named(words.next()));
                let found = permit.map_or("forgotten", |permit| permit.status.as_str());
                assert_eq!(found, words.next());
            }
            "breaches" => {
                let case = self.ledger.case(&self.case_named(words.next())).unwrap();
                assert_eq!(case.breaches, words.number::<u32>());
            }
            "open-permits" => {
                let debtor = self.ledger.debtor(&self.account(words.next())).unwrap();
                let found = debtor.permits.len();
                assert_eq!(found, words.number::<usize>());
                let cases = self.ledger.cases().map(|(_, case)| case.permits_open);
                let open = self.ledger.permits().filter(|(_, one)| one.is_open());
                assert_eq!(cases.sum::<u32>(), u32::try_from(open.count()).unwrap());
            }
            "promise" => {
                let promise = self.ledger.promise(&self.loan_named(words.next()));
                let found = promise.map_or("none".to_owned(), |one| one.paid.to_string());
                assert_eq!(found, words.next());
            }
            "complaint" => {
                let debtor = self.account(words.next());
                let complaint = self.ledger.complaint(&debtor, words.number());
                let found = complaint.map_or("none", |complaint| match complaint.overdue {
                    true => "overdue",
                    false => "open",
                });
                assert_eq!(found, words.next());
            }
            // The newest event of a history, by a word of its debug text.
            "newest" => {
                let history = &self.histories[&self.subject(words.next())];
                let newest = format!("{:?}", history.last().unwrap().detail);
                let expected = words.next();
                assert!(newest.contains(expected), "{newest}");
            }
            _ => return false,
        }
        true
    }
}

impl World {
    /// `notices CASE N`, `cases DEBTOR N`, `points DEBTOR N`, `complaints DEBTOR N`, `disputes DEBTOR N`,
    /// `time-barred DEBTOR N` (of loans that nobody knows any more): so many more are put
    /// in the state, as if they had been there before. False for another word.
    pub fn fill_collecting(&mut self, line: &str) -> bool {
        let mut words = Words::of(line);
        let (what, whose) = (words.next(), words.next());
        let known = [
            "notices",
            "cases",
            "points",
            "complaints",
            "disputes",
            "time-barred",
        ];
        if !known.contains(&what) {
            return false;
        }
        let number: u8 = words.number();
        let (case_id, debtor_id) = (self.case_named(whose), self.account(whose));
        let case = self.ledger.case(&case_id).cloned();
        let debtor = self.ledger.debtor(&debtor_id).cloned();
        self.ledger = self.restored_with(|objects| match what {
            "notices" => {
                let mut case = case.expect("a case");
                let notice = CaseNotice {
                    notice: Notice::Assignment,
                    at: case.placed_at,
                    commitment: commitment("notice"),
                };
                case.notices.extend((0..number).map(|_| notice));
                objects.insert(StateKey::Case(case_id), case.encode());
            }
            "cases" => {
                let mut debtor = debtor.expect("a debtor");
                let more = (0..number).map(|number| CaseId::from_bytes([number; 16]));
                debtor.cases.extend(more);
                debtor.cases.sort();
                objects.insert(StateKey::Debtor(debtor_id), debtor.encode());
            }
            "disputes" => {
                let mut debtor = debtor.expect("a debtor");
                let more = (0..number).map(|number| OpenDispute {
                    loan: LoanId::from_bytes([number; 16]),
                    source: Hash([number; 32]),
                    opened_at: Timestamp::default(),
                });
                debtor.disputes.extend(more);
                debtor.disputes.sort_by_key(|one| one.loan);
                objects.insert(StateKey::Debtor(debtor_id), debtor.encode());
            }
            "time-barred" => {
                let mut debtor = debtor.expect("a debtor");
                let more = (0..number).map(|number| ProtectionEntry {
                    protection: Protection::TimeBarred,
                    loan: Some(LoanId::from_bytes([number; 16])),
                    from: Timestamp::default(),
                    until: None,
                    source: Hash([number; 32]),
                    set_by: Subject::Account(debtor_id),
                });
                debtor.protections.extend(more);
                debtor.protections.sort_by_key(ProtectionEntry::key);
                objects.insert(StateKey::Debtor(debtor_id), debtor.encode());
            }
            "complaints" => {
                let mut debtor = debtor.expect("a debtor");
                let open = debtor.complaints_opened;
                debtor.complaints_opened += u32::from(number);
                debtor
                    .complaints
                    .extend(open + 1..=debtor.complaints_opened);
                objects.insert(StateKey::Debtor(debtor_id), debtor.encode());
            }
            _ => {
                let mut debtor = debtor.expect("a debtor");
                for number in 0..number {
                    let point = commitment(&format!("filler-{number}"));
                    debtor.contact_points.find_or_add(point);
                }
                objects.insert(StateKey::Debtor(debtor_id), debtor.encode());
            }
        });
        true
    }
}
