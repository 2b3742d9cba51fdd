//! Two agencies ask for the last slot in one block: exactly one gets it, and it is the first.

mod support;

use support::World;
use talea_types::Outcome;

#[test]
fn the_first_of_two_agencies_gets_the_last_slot() {
    for [first, second] in [["agency", "rival"], ["rival", "agency"]] {
        let mut world = World::with_packs(true, &["us-reg-f"]);
        let before = [
            "alpha: open alice",
            "alpha: debtor alice US-NY America/New_York en",
            "alpha: open fund kind own",
            "alpha: issue fund 900 CZK",
            "alpha as P: product annuity CZK",
            "alpha as A: agreement CZK fund=1000000 fund",
            "alpha as L: originate P A alice 900 rate 365000 law US in 3 first 30",
            "alpha: disburse L",
            "alpha as agency-case: place alice agency L",
            "alpha as rival-case: place alice rival L",
        ];
        let used = ["agency", "agency", "agency", "rival", "rival", "rival"];
        let used = used.map(|who| format!("{who}: contact {who}-case L voice_call phone"));
        for step in before
            .iter()
            .copied()
            .chain(used.iter().map(String::as_str))
        {
            assert_eq!(world.step(step).outcome, Outcome::Applied, "{step}");
        }
        let race = [first, second].map(|who| {
            let step = world.parse(&format!("{who}: contact {who}-case L voice_call phone"));
            world.sign(&step.draft)
        });
        let outcomes: Vec<Outcome> = world
            .block(race.to_vec())
            .iter()
            .map(|result| result.outcome)
            .collect();
        assert_eq!(outcomes, [Outcome::Applied, Outcome::OverrideNeeded]);
    }
}
