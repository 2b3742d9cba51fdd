//! Proposals in the language of the tables.

use bytes::Bytes;
use talea_rules::{Pack, TZ_VERSION};
use talea_types::{
    Operation, ParticipantId, ProposalId, RulePackId, StateKey, Timestamp,
    operation::{
        Approve, Change, ChangeKind, GovernancePolicy, LimitSet, ParticipantStatus, Propose,
        RulePackActivate, RulePackRetire, ValidatorSetChange, Veto, Withdraw,
    },
    rule_pack::document_hash,
    state::{Registration, Role, RulePackRecord, RulePackStatus, Tier, TierLimit},
};

use super::{
    network,
    script::{Words, duration},
    world::World,
};

impl World {
    /// An operation of governance, if the word names one; adds whose keys it needs.
    pub fn governance_operation(
        &self,
        word: &str,
        words: &mut Words<'_>,
        needed: &mut std::collections::BTreeSet<String>,
    ) -> Option<Operation> {
        Some(match word {
            "propose" => {
                let change = self.change(words, needed);
                assert_eq!(words.next(), "in", "propose CHANGE in HEIGHTS");
                let heights: u64 = words.number();
                let within = words.option("within").map_or(60_000, duration);
                Operation::Propose(Propose {
                    change,
                    effective_height: self.ledger.height() + 1 + heights,
                    approve_by: self.next_time.plus_millis(within),
                })
            }
            "approve" => Operation::Approve(Approve {
                proposal: self.proposal(words.next()),
            }),
            "veto" => Operation::Veto(Veto {
                proposal: self.proposal(words.next()),
                reason: 4,
            }),
            "withdraw" => Operation::Withdraw(Withdraw {
                proposal: self.proposal(words.next()),
            }),
            _ => return None,
        })
    }

    fn proposal(&self, label: &str) -> ProposalId {
        ProposalId::made_by(self.transaction(label))
    }

    fn change(
        &self,
        words: &mut Words<'_>,
        needed: &mut std::collections::BTreeSet<String>,
    ) -> Change {
        match words.next() {
            "register" => {
                let registration = registration(words);
                let usable = words_of_policy(&registration);
                needed.extend(usable);
                Change::ParticipantRegister(registration)
            }
            "status" => self.status(words),
            "validators" => validators(words),
            "pack" => {
                let pack: RulePackId = words.number();
                let version = words.number();
                let document = match words.next() {
                    "broken" => Bytes::from_static(b"broken"),
                    "misnamed" => document("another", version, "misnamed"),
                    "faulty" => document(pack.as_str(), version, ""),
                    title => document(pack.as_str(), version, title),
                };
                Change::RulePackActivate(RulePackActivate {
                    pack,
                    version,
                    document,
                })
            }
            "retire" => Change::RulePackRetire(RulePackRetire {
                pack: words.number(),
            }),
            "policy" => self.policy(words),
            "tier" => Change::LimitSet(LimitSet {
                tier: words.number(),
                figures: Tier {
                    name: "changed".to_owned(),
                    limits: vec![TierLimit {
                        asset: network::asset(words.next()),
                        per_transaction: network::amount(words.number()),
                        per_day: network::amount(words.number()),
                        per_month: network::amount(words.number()),
                    }],
                },
            }),
            other => panic!("unknown change {other}"),
        }
    }

    /// `status NAME active|suspended [licence TIME]`
    fn status(&self, words: &mut Words<'_>) -> Change {
        let name = words.next();
        let known = self.organisations.get(name).map(|(id, _)| *id);
        let suspended = words.next() == "suspended";
        let licence = words.option("licence");
        Change::ParticipantStatus(ParticipantStatus {
            participant: known.unwrap_or_else(|| ParticipantId::from_lei(name)),
            suspended,
            licence_expires_at: licence.map(|text| self.next_time.plus_millis(duration(text))),
            evaluated_on: Some(self.next_time.day()),
        })
    }

    /// `policy KIND [power N/D] [organisations N] [notice BLOCKS TIME]`
    fn policy(&self, words: &mut Words<'_>) -> Change {
        let kind = match words.next() {
            "participants" => ChangeKind::Participants,
            "validators" => ChangeKind::Validators,
            "packs" => ChangeKind::RulePacks,
            "policy" => ChangeKind::Policy,
            _ => ChangeKind::Limits,
        };
        let mut terms = self.ledger.governance().policy.all().to_vec();
        let one = terms.iter_mut().find(|terms| terms.kind == kind).unwrap();
        if let Some(part) = words.option("power") {
            let (numerator, denominator) = part.split_once('/').expect("N/D");
            one.power_numerator = numerator.parse().unwrap();
            one.power_denominator = denominator.parse().unwrap();
        }
        if let Some(number) = words.option("organisations") {
            one.organisations = number.parse().unwrap();
        }
        if let Some(blocks) = words.option("notice") {
            one.notice_blocks = blocks.parse().unwrap();
            one.notice_ms = duration(words.next());
        }
        Change::GovernancePolicy(GovernancePolicy::new(terms).unwrap())
    }

    /// An assertion about governance, if the word begins one.
    pub fn check_governance(&self, word: &str, words: &mut Words<'_>) -> bool {
        match word {
            "proposals" => {
                assert_eq!(self.ledger.proposals().count(), words.number::<usize>());
            }
            "approvals" => {
                let id = self.proposal(words.next());
                let proposal = self.ledger.proposal(&id).unwrap();
                assert_eq!(proposal.approvals.len(), words.number::<usize>());
                let accepted = words.option("and").is_some_and(|word| word == "accepted");
                assert_eq!(proposal.accepted.is_some(), accepted);
            }
            "pack" => {
                let id: RulePackId = words.number();
                let pack = self.ledger.rule_pack(&id).unwrap();
                assert_eq!(pack.version, words.number::<u32>());
                assert_eq!(pack.is_in_force(), words.next() == "in-force");
            }
            "packs" => {
                let in_force = self
                    .ledger
                    .rule_packs()
                    .filter(|(_, pack)| pack.is_in_force());
                assert_eq!(in_force.count(), words.number::<usize>());
            }
            "tiers" => {
                let found = self.ledger.network().tiers.len();
                assert_eq!(found, words.number::<usize>());
            }
            "active" => {
                let id = self.participant(words.next());
                let participant = self.ledger.participant(&id).unwrap();
                let now = self.ledger.time();
                assert_eq!(participant.is_active(now), words.next() == "yes");
            }
            // The newest event of a history is this step of a proposal, with this code.
            "step" => {
                let history = &self.histories[&self.subject(words.next())];
                let newest = format!("{:?}", history.last().unwrap().detail);
                let step = format!("step: {},", words.next());
                assert!(newest.contains(&step), "{newest}");
                if let Some(code) = words.option("code") {
                    assert!(newest.contains(&format!("code: {code} ")), "{newest}");
                }
            }
            _ => return false,
        }
        true
    }

    /// Puts so many rule packs, or so many tiers, in the state, as if they had been there before.
    pub fn fill(&mut self, words: &mut Words<'_>) {
        let what = words.next();
        let number: usize = words.number();
        let account = words.last().unwrap_or("nobody");
        let account = self.account(account);
        let mut network = self.ledger.network().clone();
        self.ledger = self.restored_with(|objects| {
            if what == "legal-holds" {
                let holds = super::assurance::legal_holds(number);
                objects.insert(StateKey::LegalHolds(account), holds.encode());
                return;
            }
            if what == "tiers" {
                network.tiers.resize(number, network.tiers[0].clone());
                objects.insert(StateKey::Network, network.encode());
                return;
            }
            for number in 0..number {
                let name = format!("filler-{number}");
                let document = document(&name, 1, "filler");
                let record = RulePackRecord {
                    version: 1,
                    hash: document_hash(&document),
                    document,
                    from_height: 1,
                    owner: None,
                    status: RulePackStatus::InForce,
                };
                let id = RulePackId::new(&name).unwrap();
                objects.insert(StateKey::RulePack(id), record.encode());
            }
        });
    }
}

/// The document of a pack with one rule.
fn document(id: &str, version: u32, title: &str) -> Bytes {
    let text = format!(
        r#"
        id = "{id}"
        version = {version}
        title = "{title}"
        tz_version = "{TZ_VERSION}"
        [applies_to]
        residence = ["CZ"]
        [[rule]]
        number = 1
        id = "{id}/recording"
        title = "{title}"
        source = "policy"
        provision = "recording_required"
        "#
    );
    Bytes::from(Pack::from_toml(&text).unwrap().encode())
}

/// `register NAME ROLE KEYS`
fn registration(words: &mut Words<'_>) -> Registration {
    let name = words.next();
    let role = match words.next() {
        "bank" => Role::Bank,
        "agency" => Role::CollectionAgency,
        "regulator" => Role::Regulator,
        other => panic!("unknown role {other}"),
    };
    let keys: Vec<&str> = words.next().split('+').collect();
    Registration {
        lei: network::lei(name),
        bic: String::new(),
        name: name.to_owned(),
        jurisdiction: "CZ".to_owned(),
        roles: vec![role],
        policy: network::policy(1, &keys),
        licence_expires_at: None::<Timestamp>,
        evaluated_on: None,
    }
}

/// The first key of the new organisation that is one.
fn words_of_policy(registration: &Registration) -> Option<String> {
    let names = ["newcomer", "newcomer-2", "alpha", "stranger"];
    let names = names.into_iter();
    names
        .map(str::to_owned)
        .find(|name| registration.policy.contains(&network::public_key(name)))
}

/// `validators [add NAME ORGANISATION POWER]... [remove NAME]...`
fn validators(words: &mut Words<'_>) -> Change {
    let mut change = ValidatorSetChange {
        upserts: Vec::new(),
        removals: Vec::new(),
    };
    loop {
        if let Some(name) = words.option("add") {
            let organisation = words.next();
            let mut added = network::validator(name, organisation, words.number());
            if name == "small-order" {
                added.network_key = network::public_key(name);
            }
            change.upserts.push(added);
        } else if let Some(name) = words.option("remove") {
            change.removals.push(network::validator(name, name, 1).id());
        } else {
            break;
        }
    }
    change.upserts.sort_by_key(|validator| validator.id());
    change.removals.sort();
    Change::ValidatorSetChange(change)
}
