//! `talea case show`.

use clap::Args;
use talea_client::describe;
use talea_types::{
    CaseId, Subject,
    event::{CollectionsEvent, EventDetail},
    state::{Case, StateKey},
};

use crate::commands::{
    context::Context,
    exit::Code,
    lookup,
    output::{self, List},
};

/// Show a case: who collects what of whom, the notices served, the contacts permitted.
///
/// The latest events are shown as the node tells them; 'talea audit case1...' proves all of them.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  talea case show case1...")]
pub(super) struct Show {
    /// The case.
    case: CaseId,
    /// How many of the latest events are looked at for contacts.
    #[arg(long, value_name = "COUNT", default_value_t = 100)]
    events: u32,
}

impl Show {
    pub(super) async fn run(self, context: &Context) -> anyhow::Result<Code> {
        let what = self.case.to_string();
        let found = lookup::object(context, &what, StateKey::Case(self.case), Case::decode).await?;
        let case = &found.object;
        let time = |time: Option<_>| time.map_or_else(|| "-".to_owned(), describe::time);
        let fields = vec![
            output::field("case", self.case),
            output::field("debtor", case.debtor),
            output::field("lender", case.lender),
            output::field("collector", case.collector),
            output::field("placed", describe::time(case.placed_at)),
            output::field("recalled", time(case.recalled_at)),
            output::field("first communication", time(case.first_communication)),
            output::field("forbearance considered", case.forbearance.is_some()),
            output::field("open permits", case.permits_open),
            output::field("breaches", case.breaches),
            output::field("events", case.events.length()),
            found.verified(),
        ];
        let length = case.events.length();
        let from = length.saturating_sub(self.events.into());
        let client = context.reading(Some(Subject::Case(self.case)))?;
        let (events, _) = client
            .events(&Subject::Case(self.case), from, self.events)
            .await?;
        let contacts = events.iter().filter_map(|event| {
            let EventDetail::Collections(detail) = &event.detail else {
                return None;
            };
            is_contact(detail).then(|| {
                vec![
                    describe::time(event.time),
                    describe::event(event, &<_>::default()),
                ]
            })
        });
        let loans = case.loans.iter().map(|loan| vec![loan.to_string()]);
        let notices = case.notices.iter().map(|notice| {
            vec![
                notice.notice.to_string(),
                describe::time(notice.at),
                notice.commitment.to_string(),
            ]
        });
        let lists = vec![
            List {
                name: "loans",
                header: &["id"],
                rows: loans.collect(),
            },
            List {
                name: "notices",
                header: &["notice", "served", "commitment"],
                rows: notices.collect(),
            },
            List {
                name: "contacts",
                header: &["time", "what"],
                rows: contacts.collect(),
            },
        ];
        output::record(context.json(), &fields, lists);
        Ok(Code::Done)
    }
}

const fn is_contact(event: &CollectionsEvent) -> bool {
    matches!(
        event,
        CollectionsEvent::ContactPermitted(_)
            | CollectionsEvent::ContactRevoked(_)
            | CollectionsEvent::ContactClosed(_)
            | CollectionsEvent::ContactReported(_)
            | CollectionsEvent::Breach(_)
    )
}
