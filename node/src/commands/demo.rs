//! `talea-node demo`.

use std::path::{Path, PathBuf};

use clap::Args;
use talea_node::{
    demo::{
        self, Scenario,
        berka::{BerkaPlan, Dataset},
        book::{
            Loans,
            czech_book::{Penalties, penalties},
            source::{ConsumerLoan, CzechLoan, synthetic},
        },
        day::{DayOptions, Shape, day_plan},
    },
    localnet::{Localnet, LocalnetOptions},
    process,
};
use talea_types::Asset;

use super::{failure::Failure, output, small_runtime};

const WALLETS: usize = 200;
const DAY_BANKS: usize = 3;
const PAYSIM_FILE: &str = "paysim/aggregated-transactions.csv";
const BERKA_DIRECTORY: &str = "berka";
const LENDING_CLUB_FILE: &str = "lendingclub/loans_full_schema.csv";
/// Loans of a made-up book.
const SYNTHETIC_LOANS: usize = 300;

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  talea-node demo                             a day of wallet life and 300 made-up loans
  talea-node demo --stay                      the same; the network goes on, to be used with talea
  talea-node demo --loans 0                   payments only
  talea-node demo --data ../shared/data       a real bank, DIR/berka/*.asc, and real loans,
                                              DIR/lendingclub/loans_full_schema.csv")]
pub(super) struct DemoCommand {
    /// Directory with data: `berka/` and `lendingclub/` are replayed; without a bank `paysim/` gives the shape of the day.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Directory for the network, which must not hold one; a temporary one otherwise.
    #[arg(long)]
    dir: Option<PathBuf>,
    /// Let the network go on in the end, until Ctrl-C.
    #[arg(long)]
    stay: bool,
    /// About how many payments the day has.
    #[arg(long, default_value_t = 20_000)]
    payments: usize,
    /// Replay only the first rows of the bank's transactions.
    #[arg(long, value_name = "N")]
    rows: Option<usize>,
    /// Play only the first loans of each book; 0 for none.
    #[arg(long, value_name = "N")]
    loans: Option<usize>,
}

impl DemoCommand {
    pub(super) fn execute(self, json: bool) -> Result<(), Failure> {
        let scenario = self.scenario().map_err(|error| failure(&error))?;
        let loans = self.loans(&scenario).map_err(|error| failure(&error))?;
        let temporary = self.dir.is_none();
        let directory = self.dir.unwrap_or_else(|| {
            std::env::temp_dir().join(format!("talea-demo-{}", std::process::id()))
        });
        let binary = std::env::current_exe()
            .map_err(|error| Failure::other(format!("cannot find this program: {error}")))?;
        let options = LocalnetOptions {
            network: "demo".to_owned(),
            banks: scenario.plan().banks.len(),
            ..LocalnetOptions::default()
        }
        .with_collections()?;
        let mut localnet = Localnet::create(&directory, &binary, &options)?;
        let stay = self.stay;
        let ended = small_runtime()?.block_on(async {
            tokio::select! {
                played = demo::run(&scenario, loans.as_ref(), &mut localnet) => {
                    let (report, wallets) = played.map_err(|error| failure(&error))?;
                    if json {
                        println!("{}", output::to_json(&report));
                    } else {
                        println!("{report}");
                    }
                    if stay {
                        eprintln!("\n{wallets}");
                    }
                }
                stopped = process::stop_signal() => {
                    stopped.map_err(Failure::other)?;
                    return Err(Failure::other("stopped before the end"));
                }
            }
            if stay {
                process::stop_signal().await.map_err(Failure::other)?;
            }
            Ok(())
        });
        localnet.stop();
        match &ended {
            // What went wrong is in the logs.
            Err(_) => eprintln!(
                "the nodes' directories and logs are in {}",
                directory.display()
            ),
            Ok(()) if temporary => remove(&directory),
            Ok(()) => {}
        }
        ended
    }

    /// The loans to play: real ones where there is data, and as many as are asked for.
    fn loans(&self, scenario: &Scenario) -> anyhow::Result<Option<Loans>> {
        if self.loans == Some(0) {
            return Ok(None);
        }
        let file = self.data.as_ref().map(|data| data.join(LENDING_CLUB_FILE));
        let (name, mut consumer) = match file.filter(|file| file.is_file()) {
            Some(file) => ("LendingClub, 2018", ConsumerLoan::read_lending_club(&file)?),
            None => {
                let count = self.loans.unwrap_or(SYNTHETIC_LOANS);
                ("a made-up lender", synthetic(count))
            }
        };
        let (mut czech, mut fees) = (Vec::new(), Penalties::new());
        if let (Scenario::Berka(_, dataset), Some(data)) = (scenario, &self.data) {
            czech = CzechLoan::read(&data.join(BERKA_DIRECTORY).join("loan.asc"))?;
            fees = penalties(dataset, &czech);
        }
        if let Some(count) = self.loans {
            consumer.truncate(count);
            czech.truncate(count);
        }
        Ok(Some(Loans {
            name,
            consumer,
            czech,
            penalties: fees,
        }))
    }

    fn scenario(&self) -> anyhow::Result<Scenario> {
        let koruna = demo::koruna()?;
        let data = |name: &str| self.data.as_ref().map(|data| data.join(name));
        if let Some(berka) = data(BERKA_DIRECTORY).filter(|path| path.is_dir()) {
            let dataset = Dataset::read(&berka, self.rows)?;
            return Ok(Scenario::Berka(BerkaPlan::new(&dataset, koruna), dataset));
        }
        let shape = match data(PAYSIM_FILE) {
            Some(file) if file.is_file() => Shape::read(&file)?,
            Some(file) => anyhow::bail!(
                "there is neither {BERKA_DIRECTORY}/ nor {PAYSIM_FILE} beside {}",
                file.display()
            ),
            None => Shape::default(),
        };
        Ok(Scenario::Day(day_plan(&DayOptions {
            banks: (1..=DAY_BANKS)
                .map(|number| format!("bank-{number}"))
                .collect(),
            wallets: WALLETS,
            payments: self.payments,
            shape,
            assets: [koruna, Asset::new("EUR")?],
        })))
    }
}

fn failure(error: &anyhow::Error) -> Failure {
    Failure::other(format!("{error:#}"))
}

/// A directory of this process alone, made by it.
fn remove(directory: &Path) {
    if let Err(error) = std::fs::remove_dir_all(directory) {
        eprintln!("cannot remove {}: {error}", directory.display());
    }
}
