//! `talea debtor show`.

use clap::Args;
use talea_client::{describe, operations::IntoOperation};
use talea_types::{
    AccountId,
    operation::PreferenceSet,
    state::{Complaint, Debtor, StateKey},
};

use crate::commands::{
    context::Context,
    exit::Code,
    lookup,
    output::{self, List},
};

/// Show the record of a debtor: residence, wishes, open loans and cases, protections, disputes, complaints.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  talea debtor show acct1...")]
pub(super) struct Show {
    /// Account of the debtor.
    debtor: AccountId,
}

impl Show {
    pub(super) async fn run(self, context: &Context) -> anyhow::Result<Code> {
        let what = format!("{} as a debtor", self.debtor);
        let key = StateKey::Debtor(self.debtor);
        let found = lookup::object(context, &what, key, Debtor::decode).await?;
        let debtor = &found.object;
        let residence = &debtor.residence;
        let place = if residence.subdivision.is_empty() {
            &residence.country
        } else {
            &residence.subdivision
        };
        let mut fields = vec![
            output::field("debtor", self.debtor),
            output::field("residence", place),
            output::field("time zones", residence.time_zones.join(", ")),
            output::field("language", &residence.language),
            output::field("events", debtor.events.length()),
        ];
        fields.extend(self.wishes(debtor));
        fields.push(found.verified());
        let mut complaints = Vec::with_capacity(debtor.complaints.len());
        for number in &debtor.complaints {
            let key = StateKey::Complaint(self.debtor, *number);
            let what = format!("complaint {number}");
            let found = lookup::object(context, &what, key, Complaint::decode).await?;
            complaints.push(complaint(*number, &found.object));
        }
        let ids = |name, ids: Vec<String>| List {
            name,
            header: &["id"],
            rows: ids.into_iter().map(|id| vec![id]).collect(),
        };
        let lists = vec![
            ids(
                "loans",
                debtor.loans.iter().map(ToString::to_string).collect(),
            ),
            ids(
                "cases",
                debtor.cases.iter().map(ToString::to_string).collect(),
            ),
            ids(
                "permits",
                debtor.permits.iter().map(ToString::to_string).collect(),
            ),
            protections(debtor),
            disputes(debtor),
            List {
                name: "complaints",
                header: &[
                    "number",
                    "against",
                    "since",
                    "acknowledge by",
                    "resolve by",
                    "overdue",
                ],
                rows: complaints,
            },
        ];
        output::record(context.json(), &fields, lists);
        Ok(Code::Done)
    }

    /// What the debtor said of contacts, in the words of the operation that said it.
    fn wishes(&self, debtor: &Debtor) -> Vec<describe::Field> {
        let Some((preferences, at)) = &debtor.preferences else {
            return vec![output::field("preferences", "none")];
        };
        let set = PreferenceSet {
            debtor: self.debtor,
            preferences: preferences.clone(),
        };
        let fields = describe::operation(&set.into_operation(), &<_>::default());
        let said = fields.into_iter().filter(|(name, _)| name != "debtor");
        let since = output::field("preferences since", describe::time(*at));
        std::iter::once(since).chain(said).collect()
    }
}

fn protections(debtor: &Debtor) -> List {
    let rows = debtor.protections.iter().map(|entry| {
        vec![
            entry.protection.to_string(),
            entry.loan.map_or_else(String::new, |loan| loan.to_string()),
            describe::time(entry.from),
            entry
                .until
                .map_or_else(|| "it is lifted".to_owned(), describe::time),
            entry.set_by.to_string(),
        ]
    });
    List {
        name: "protections",
        header: &["protection", "loan", "from", "until", "set by"],
        rows: rows.collect(),
    }
}

fn disputes(debtor: &Debtor) -> List {
    let rows = debtor.disputes.iter();
    let rows = rows.map(|one| vec![one.loan.to_string(), describe::time(one.opened_at)]);
    List {
        name: "disputes",
        header: &["loan", "since"],
        rows: rows.collect(),
    }
}

fn complaint(number: u32, complaint: &Complaint) -> Vec<String> {
    let by = |time: Option<_>| time.map_or_else(|| "-".to_owned(), describe::time);
    vec![
        number.to_string(),
        complaint.against.to_string(),
        describe::time(complaint.opened_at),
        by(complaint.acknowledge_by),
        by(complaint.resolve_by),
        if complaint.overdue { "yes" } else { "no" }.to_owned(),
    ]
}
