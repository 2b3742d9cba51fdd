//! What rules say, as readable tables: `tests/tables/*.txt`. Their form is in the README beside them.

mod support;

use std::{collections::BTreeSet, fs, path::PathBuf};

use jiff::tz::TimeZone;
use support::{World, contact, coverage::Coverage, times};
use talea_rules::{
    Collector, Decision, Licence, OptOut, Pack, Place, ProtectionInForce, ServedNotice, SpokenRule,
    Stops, Zone, decide, duties::Duties, duties::Duty, pack::Hours, packs,
};
use talea_types::{
    Timestamp,
    conduct::{Channel, ContactResult},
    time::DAY_MS,
};

/// One case as it runs.
struct Case {
    place: String,
    packs: Vec<Pack>,
    world: World,
    at_this_point: bool,
    named: BTreeSet<String>,
    coverage: Coverage,
}

/// Every case holds; a verdict or a duty names every rule; and every rule about contacts both refuses and
/// allows in one case, quiet hours at both of their edges.
#[test]
fn every_case_and_every_rule() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/tables");
    let mut named = BTreeSet::new();
    let mut coverage = Coverage::default();
    let mut finish = |case: Option<Case>| {
        if let Some(case) = case {
            named.extend(case.named);
            coverage.end_case(&case.coverage);
        }
    };
    let mut verdicts = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "txt") {
            continue;
        }
        let mut case: Option<Case> = None;
        for (number, line) in fs::read_to_string(&path).unwrap().lines().enumerate() {
            let place = format!("{}:{}: {line}", path.display(), number + 1);
            let words: Vec<&str> = line.split_whitespace().collect();
            match words.as_slice() {
                [] | ["#", ..] => {}
                ["case", ..] => {
                    finish(case.take());
                    case = Some(Case::new());
                }
                words => {
                    let case = case.as_mut().expect("a table begins with a case");
                    case.place = place;
                    case.run(words);
                    verdicts += usize::from(words[0] == "when");
                }
            }
        }
        finish(case);
    }
    let all = packs::all().unwrap();
    let rules = all.iter().flat_map(|pack| &pack.rules);
    let unnamed: Vec<_> = rules.filter(|rule| !named.contains(&rule.id)).collect();
    assert!(unnamed.is_empty(), "no table names {unnamed:#?}");
    let uncovered = coverage.uncovered(&all);
    assert!(uncovered.is_empty(), "no case shows: {uncovered:#?}");
    assert!(verdicts > 100, "{verdicts} verdicts");
}

impl Case {
    fn new() -> Self {
        Self {
            place: String::new(),
            packs: Vec::new(),
            world: World::new(),
            at_this_point: true,
            named: BTreeSet::new(),
            coverage: Coverage::default(),
        }
    }

    fn zone(&self) -> TimeZone {
        times::zone(self.world.zones[0].name())
    }

    fn time(&self, text: &str) -> Timestamp {
        times::time(text, &self.zone())
    }

    fn run(&mut self, words: &[&str]) {
        match words {
            ["packs", ids @ ..] => {
                let all = packs::all().unwrap();
                let chosen = all
                    .into_iter()
                    .filter(|pack| ids.contains(&pack.id.as_str()));
                self.packs = chosen.collect();
                assert_eq!(self.packs.len(), ids.len(), "{}", self.place);
            }
            ["residence", place] => self.world.residence = place.parse().unwrap(),
            ["law", place] => self.world.governing_law = place.parse().unwrap(),
            ["zones", names @ ..] => {
                let find = |name: &&str| Zone::find(name).unwrap();
                self.world.zones = names.iter().map(find).collect();
            }
            ["agency", rest @ ..] => self.agency(rest),
            ["given", rest @ ..] => self.given(rest),
            ["when", rest @ ..] => self.when(rest),
            ["then", rest @ ..] => self.then(rest),
            _ => panic!("not a line of a table: {}", self.place),
        }
    }

    fn agency(&mut self, words: &[&str]) {
        self.world.collector = Collector::ThirdParty;
        self.world.licence = words.first().map(|place| Licence {
            jurisdiction: place.parse::<Place>().unwrap(),
            valid_until: after(words, "until").map(|time| self.time(time)),
            listed_publicly: words.contains(&"listed"),
            evaluated_at: after(words, "evaluated").map(|time| self.time(time)),
        });
    }

    fn given(&mut self, words: &[&str]) {
        match *words {
            ["notice", notice, time] => self.world.notices.push(ServedNotice {
                notice: notice.parse().unwrap(),
                at: self.time(time),
            }),
            ["first", time] => self.world.first_communication = Some(self.time(time)),
            ["consent", time] => self.world.consented_at = Some(self.time(time)),
            ["protection", kind, from, ..] => self.world.protections.push(ProtectionInForce {
                protection: kind.parse().unwrap(),
                from: self.time(from),
                until: after(words, "until").map(|time| self.time(time)),
            }),
            ["opt-out", channel] => self.world.opt_outs.push(OptOut {
                channel: Some(channel.parse().unwrap()),
                contact_point: None,
            }),
            ["agreed", hours] => self.world.agreed_hours = Some(read_hours(hours)),
            ["refused", hours] => self.world.refused_hours = vec![read_hours(hours)],
            ["cease"] => self.world.cease = true,
            ["represented"] => self.world.represented = true,
            ["disputed"] => self.world.disputed = true,
            ["complained"] => self.world.complained = true,
            ["third-party-refused"] => self.world.third_party_refused = true,
            ["unable"] => self.world.debtor_unable = true,
            ["forbearance"] => self.world.forbearance_considered = true,
            ["high-cost"] => self.world.high_cost_short_term = true,
            ["other-point"] => self.at_this_point = false,
            ["this-point"] => self.at_this_point = true,
            ["permit", channel, from, "until", until] => {
                let (from, until) = (self.time(from), self.time(until));
                let permit = contact(channel.parse().unwrap(), from, until);
                self.world.count(&permit, self.at_this_point, None);
            }
            [times, "x", ref rest @ ..] => {
                self.history(times.parse().unwrap(), rest);
            }
            ref rest => self.history(1, rest),
        }
    }

    /// Contacts that happened, a minute apart.
    fn history(&mut self, times: u64, words: &[&str]) {
        let (inbound, words) = match words {
            ["inbound", rest @ ..] => (true, rest),
            words => (false, words),
        };
        let [channel, time, "->", result] = words else {
            panic!("not a contact: {}", self.place);
        };
        let channel: Channel = channel.parse().unwrap();
        let result: ContactResult = result.parse().unwrap();
        for minute in 0..times {
            let at = self.time(time).plus_millis(minute * 60_000);
            if inbound {
                for tallies in self.world.tallies(self.at_this_point) {
                    tallies.count_inbound(channel, result, at);
                }
            } else {
                let permit = contact(channel, at, at.plus_millis(60_000));
                self.world
                    .count(&permit, self.at_this_point, Some((result, at)));
            }
        }
    }

    fn when(&mut self, words: &[&str]) {
        let arrow = words.iter().position(|word| *word == "->").unwrap();
        let (asked, expected) = (&words[..arrow], &words[arrow + 1..]);
        let from = self.time(asked[3]);
        let until = after(asked, "until").map_or(from.plus_millis(60_000), |time| self.time(time));
        let mut proposed = contact(asked[0].parse().unwrap(), from, until);
        proposed.party = asked[1].parse().unwrap();
        proposed.purpose = asked[2].parse().unwrap();
        proposed.opt_out_statement = asked.contains(&"stated");
        proposed.recorded = asked.contains(&"recorded");
        let verdict = decide(&self.packs, &proposed, &self.world.facts());

        let refused: Vec<&str> = verdict
            .spoke
            .iter()
            .map(|rule| rule.rule.as_str())
            .collect();
        let expected_rules: Vec<&str> = expected
            .iter()
            .skip(1)
            .take_while(|word| !["from", "never"].contains(*word))
            .copied()
            .collect();
        let explained = talea_rules::explain(&self.packs, &proposed, &self.world.facts());
        let context = format!("{}\n{explained}", self.place);
        assert_eq!(refused, expected_rules, "{context}");
        let decision = match expected[0] {
            "allow" => Decision::Allow,
            "override" => Decision::NeedsOverride,
            "deny" => Decision::Deny,
            other => panic!("'{other}' is no verdict: {}", self.place),
        };
        assert_eq!(verdict.decision, decision, "{context}");
        let possible = match expected[0] {
            "allow" => Some(from),
            _ => after(expected, "from").map(|time| self.time(time)),
        };
        assert_eq!(verdict.possible_from, possible, "{context}");
        assert!(
            possible.is_some() || expected.contains(&"never"),
            "{context}"
        );
        self.coverage.add(&self.packs, &explained, from);
        self.named.extend(refused.into_iter().map(str::to_owned));
        assert_eq!(explained.verdict, verdict, "{context}");
        for rule in &verdict.spoke {
            let pack = self.packs.iter().find(|pack| pack.id == rule.pack).unwrap();
            assert_eq!(pack.rule(rule.number).unwrap().id, rule.rule);
        }
    }

    fn then(&mut self, words: &[&str]) {
        let facts_owner = self.world.clone();
        let facts = facts_owner.facts();
        let packs = self.packs.clone();
        let duties = Duties::new(&packs, &facts);
        match *words {
            ["retention", years, "by", ..] => {
                let figure = years.parse().unwrap();
                self.expect(words, duties.retention_years(), &figure);
            }
            ["furnishing", how, "by", ..] => {
                assert_eq!(how, "never");
                self.expect(words, duties.furnishing_from(None, None), &None);
            }
            ["furnishing", how, since, "from", from, "by", ..] => {
                let since = Some(self.time(since));
                let (spoken, sent) = if how == "spoken" {
                    (since, None)
                } else {
                    (None, since)
                };
                let from = Some(self.time(from));
                self.expect(words, duties.furnishing_from(spoken, sent), &from);
            }
            ["collection", "fee", "forbidden", "by", ..] => {
                self.expect(words, duties.collection_fee_forbidden(), &());
            }
            ["residual", "stated", "by", ..] => self.expect(words, duties.residual_stated(), &()),
            ["payment", "retries", "free"] => assert_eq!(duties.payment_retries(), None),
            ["payment", "retries", max, "by", ..] => {
                let figure = max.parse().unwrap();
                self.expect(words, duties.payment_retries(), &figure);
            }
            ["complaint", "due", acknowledge, resolve, "by", ..] => {
                let opened = Timestamp::from_millis(1_000);
                let after = |days: &str| opened.plus_millis(days.parse::<u64>().unwrap() * DAY_MS);
                let acknowledge = (acknowledge != "-").then(|| after(acknowledge));
                let figure = (acknowledge, after(resolve));
                self.expect(words, duties.complaint_deadlines(opened), &figure);
            }
            ["dispute", "stops", list, "by", ..] => {
                self.expect(words, duties.dispute(), &read_stops(list));
            }
            ["complaint", "stops", list, "by", ..] => {
                self.expect(words, duties.complaint(), &read_stops(list));
            }
            [
                "protection",
                kind,
                "stops",
                list,
                "for",
                length,
                "after",
                days,
                "once",
                months,
                "by",
                ..,
            ] => {
                let duty = duties.protection(kind.parse().unwrap()).map(|duty| {
                    let terms = duty.figure;
                    let figure = (
                        terms.stops,
                        terms.length_days,
                        terms.days_after,
                        terms.once_in_months,
                    );
                    Duty {
                        figure,
                        spoke: duty.spoke,
                    }
                });
                let number = |text: &str| text.parse::<u32>().unwrap();
                let figure = (
                    read_stops(list),
                    number(length),
                    number(days),
                    number(months),
                );
                self.expect(words, duty, &figure);
            }
            _ => panic!("not a duty: {}", self.place),
        }
    }

    fn expect<T: PartialEq + std::fmt::Debug>(
        &mut self,
        words: &[&str],
        duty: Option<Duty<T>>,
        figure: &T,
    ) {
        let duty = duty.unwrap_or_else(|| panic!("no rule: {}", self.place));
        assert_eq!(&duty.figure, figure, "{}", self.place);
        let by = words.iter().position(|word| *word == "by").unwrap();
        let id = |rule: &SpokenRule| rule.rule.clone();
        let spoke: Vec<String> = duty.spoke.iter().map(id).collect();
        assert_eq!(spoke, words[by + 1..], "{}", self.place);
        self.named.extend(spoke);
    }
}

/// The word after a word.
fn after<'w>(words: &[&'w str], word: &str) -> Option<&'w str> {
    let index = words.iter().position(|found| *found == word)?;
    words.get(index + 1).copied()
}

fn read_hours(text: &str) -> Hours {
    let (from, until) = text.split_once('-').unwrap();
    Hours {
        from: from.parse().unwrap(),
        until: until.parse().unwrap(),
    }
}

fn read_stops(list: &str) -> Stops {
    let has = |word: &str| list.split(',').any(|part| part == word);
    Stops {
        contact: has("contact"),
        interest: has("interest"),
        fees: has("fees"),
        furnishing: has("furnishing"),
    }
}

/// A rule that no case shows, one that is shown from one side alone, and quiet hours without their last minute:
/// each is missed.
#[test]
fn a_rule_without_both_its_sides_is_missed() {
    let mut case = Case::new();
    for line in [
        "packs us-reg-f",
        "residence US",
        "agency",
        "when voice_call debtor payment 2026-03-02T20:59 -> allow",
        "when voice_call debtor payment 2026-03-02T21:00 -> deny us-reg-f/1006.6(b)(1)(i) from 2026-03-03T08:00",
        "given represented",
        "when letter debtor payment 2026-03-02T10:00 -> deny us-reg-f/1006.6(b)(2) never",
    ] {
        case.run(&line.split_whitespace().collect::<Vec<_>>());
    }
    let mut coverage = Coverage::default();
    coverage.end_case(&case.coverage);
    let missing = coverage.uncovered(&case.packs);
    let both = |rule: &str| format!("a case in which us-reg-f/{rule} refuses and allows");
    for missed in [
        both("1006.6(c)(1)"),
        both("1006.6(d)(1)"),
        "the last minute of us-reg-f/1006.6(b)(1)(i) and the one after".to_owned(),
    ] {
        assert!(missing.contains(&missed), "{missing:#?}");
    }
    for shown in [both("1006.6(b)(1)(i)"), both("1006.6(b)(2)")] {
        assert!(!missing.contains(&shown), "{missing:#?}");
    }
}
