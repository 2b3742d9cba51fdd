//! `talea-node doctor`.

use std::path::PathBuf;

use clap::Args;
use talea_node::{
    doctor::{Finding, Severity, examine, set_damage_aside},
    exit_code::EXIT_STORAGE,
};

use super::{failure::Failure, output};

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  talea-node doctor /var/lib/talea
  talea-node doctor /var/lib/talea --set-damage-aside    then run: it fetches what is missing")]
pub(super) struct Doctor {
    /// The node's directory. Stop the node first.
    directory: PathBuf,
    /// Cut a damaged log before the damage. What is cut is kept beside it. A validator then rejoins
    /// without voting until it is past every height at which it may have voted.
    #[arg(long)]
    set_damage_aside: bool,
}

impl Doctor {
    pub(super) fn execute(self, json: bool) -> Result<(), Failure> {
        if self.set_damage_aside {
            let done = set_damage_aside(&self.directory);
            for line in done.map_err(|error| Failure::new(EXIT_STORAGE, error))? {
                eprintln!("{line}");
            }
        }
        let mut progress = |done, all| {
            if !json {
                eprint!("\rverifying the block log: segment {done} of {all}");
            }
        };
        let findings = examine(&self.directory, &mut progress);
        if !json {
            eprintln!();
        }
        print(&findings, json);
        let bad = findings
            .iter()
            .filter(|finding| finding.severity == Severity::Bad)
            .count();
        match bad {
            0 => Ok(()),
            count => Err(Failure::new(
                EXIT_STORAGE,
                format!("{count} of these need an operator"),
            )),
        }
    }
}

fn print(findings: &[Finding], json: bool) {
    if json {
        println!("{}", output::to_json(&findings));
        return;
    }
    let mut table = output::table(&["what", "state", "found", "what to do"]);
    for finding in findings {
        let state = match finding.severity {
            Severity::Good => "good",
            Severity::Note => "note",
            Severity::Bad => "BAD",
        };
        table.add_row([
            finding.what,
            state,
            &finding.found,
            finding.advice.as_deref().unwrap_or(""),
        ]);
    }
    println!("{table}");
}
