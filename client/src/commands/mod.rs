//! The commands, one file each. Each asks the library and reports to a person or, with `--json`, to a
//! program.

mod access;
mod account;
mod audit;
mod batch;
mod case;
mod clock;
mod commitment;
mod context;
mod credential;
mod debtor;
mod document;
mod envelope;
mod exit;
mod hold;
mod keys;
mod legal_hold;
mod legs;
mod loan;
mod lookup;
mod money;
mod network;
mod output;
mod pay;
mod proposal;
mod reading;
mod receipt;
mod refund;
mod refusal;
mod rules;
mod signing;
mod tx;
mod values;
mod verify;
mod watch;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use context::{Context, Global};

/// Use a Talea network: pay, hold, issue, look up, follow, and verify what nodes say.
#[derive(Debug, Parser)]
#[command(name = "talea", version, after_help = EXAMPLES, after_long_help = LONG_HELP)]
pub(crate) struct Arguments {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

const EXAMPLES: &str = "\
Examples:
  export TALEA_NODES=http://127.0.0.1:4100,http://127.0.0.1:4101 TALEA_GENESIS=genesis.toml
  talea keys new wallet.key
  talea network
  talea pay 12.50 CZK --from acct1... --to acct1... --key wallet.key
  talea receipt get TRANSACTION --out payment.proof
  talea verify payment.proof

Exit codes and more: talea --help";

const LONG_HELP: &str = "\
Examples:
  export TALEA_NODES=http://127.0.0.1:4100,http://127.0.0.1:4101 TALEA_GENESIS=genesis.toml
  talea keys new wallet.key
  talea network
  talea pay 12.50 CZK --from acct1... --to acct1... --key wallet.key
  talea receipt get TRANSACTION --out payment.proof
  talea verify payment.proof

Exit codes:
  0  done; a transaction was applied
  1  an error of this machine or in what was asked (a file, a key, an unknown account)
  2  the command line is not understood
  3  refused or rejected by the network: nothing was applied
  4  expired before it was applied: nothing was applied, nothing ever will be
  5  no answer, or not known yet: ask 'talea tx status', or repeat with the same signed bytes
  6  what a node or a file claims does not verify against the genesis document

Passphrases of key files are read from --passphrase-file or the variable that --passphrase-env names,
and asked for on the terminal otherwise; never given as an argument.";

#[derive(Debug, Subcommand)]
enum Command {
    Keys(keys::Keys),
    Network(network::Show),
    Account(account::Account),
    Pay(pay::Pay),
    Issue(money::IssueMoney),
    Redeem(money::RedeemMoney),
    Hold(hold::HoldCommand),
    Refund(refund::RefundPayment),
    Batch(batch::SubmitBatch),
    Loan(loan::LoanCommand),
    Debtor(debtor::DebtorCommand),
    Case(case::CaseCommand),
    Credential(credential::CredentialCommand),
    Access(access::Access),
    Commitment(commitment::CommitmentCommand),
    Envelope(envelope::EnvelopeCommand),
    LegalHold(legal_hold::LegalHoldCommand),
    Proposal(proposal::ProposalCommand),
    Clock(clock::Clock),
    Tx(tx::Tx),
    Receipt(receipt::ReceiptCommand),
    Rules(rules::Rules),
    Audit(audit::Audit),
    Verify(verify::Verify),
    Watch(watch::Watch),
}

impl Arguments {
    /// Runs the command and tells how it ended.
    pub(crate) async fn run(self) -> ExitCode {
        let context = Context::new(self.global);
        let result = match self.command {
            Command::Keys(command) => command.run(&context).await,
            Command::Network(command) => command.run(&context).await,
            Command::Account(command) => command.run(&context).await,
            Command::Pay(command) => command.run(&context).await,
            Command::Issue(command) => command.run(&context).await,
            Command::Redeem(command) => command.run(&context).await,
            Command::Hold(command) => command.run(&context).await,
            Command::Refund(command) => command.run(&context).await,
            Command::Batch(command) => command.run(&context).await,
            Command::Loan(command) => command.run(&context).await,
            Command::Debtor(command) => command.run(&context).await,
            Command::Case(command) => command.run(&context).await,
            Command::Credential(command) => command.run(&context).await,
            Command::Access(command) => command.run(&context).await,
            Command::Commitment(command) => command.run(&context).await,
            Command::Envelope(command) => command.run(&context).await,
            Command::LegalHold(command) => command.run(&context).await,
            Command::Proposal(command) => command.run(&context).await,
            Command::Clock(command) => command.run(&context).await,
            Command::Tx(command) => command.run(&context).await,
            Command::Receipt(command) => command.run(&context).await,
            Command::Rules(command) => command.run(&context),
            Command::Audit(command) => command.run(&context).await,
            Command::Verify(command) => command.run(&context),
            Command::Watch(command) => command.run(&context).await,
        };
        match result {
            Ok(code) => code.into(),
            Err(error) => exit::report(&error, context.json()).into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory, Parser as _};
    use talea_types::{
        AccountId, AgreementId, CaseId, HoldId, LoanId, ParticipantId, PermitId, ProductId,
        ProposalId, SecretKey,
    };

    use super::Arguments;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }

    fn walk(command: &clap::Command, path: &str, without: &mut Vec<String>) {
        let path = format!("{path} {}", command.get_name());
        let has_example = command
            .get_after_help()
            .is_some_and(|help| help.to_string().contains("talea "));
        if !has_example {
            without.push(path.clone());
        }
        for inner in command.get_subcommands() {
            walk(inner, &path, without);
        }
    }

    #[test]
    fn every_command_shows_an_example() {
        let mut without = Vec::new();
        walk(&Arguments::command(), "", &mut without);
        assert!(without.is_empty(), "without an example: {without:?}");
    }

    /// What an example leaves out, in full: ids and keys end in three dots there.
    fn whole(word: &str) -> String {
        if word == "TRANSACTION" {
            return whole("3f9c...");
        }
        let Some(start) = word.strip_suffix("...") else {
            return word.to_owned();
        };
        let bytes = [1; 16];
        let (before, kind) = match start.rsplit_once(':') {
            Some((before, kind)) => (format!("{before}:"), kind),
            None => (String::new(), start),
        };
        let id = match kind {
            "acct1" => AccountId::from_bytes(bytes).to_string(),
            "org1" => ParticipantId::from_bytes(bytes).to_string(),
            "loan1" => LoanId::from_bytes(bytes).to_string(),
            "case1" => CaseId::from_bytes(bytes).to_string(),
            "prop1" => ProposalId::from_bytes(bytes).to_string(),
            "hold1" => HoldId::from_bytes(bytes).to_string(),
            "product1" => ProductId::from_bytes(bytes).to_string(),
            "agreement1" => AgreementId::from_bytes(bytes).to_string(),
            "permit1" => PermitId::from_bytes(bytes).to_string(),
            // A key, a hash or the id of a transaction: any 32 bytes.
            hex => {
                assert!(hex.bytes().all(|byte| byte.is_ascii_hexdigit()), "{word}");
                let key = SecretKey::from_seed([1; 32]).public_key().to_string();
                assert_eq!(key.len(), 64);
                key
            }
        };
        before + &id
    }

    /// As a shell splits a line with simple quotes.
    fn words_of(line: &str) -> Vec<String> {
        // Where the output goes is no argument.
        let line = line.split(" > ").next().unwrap_or_default();
        let mut words = Vec::new();
        for (number, part) in line.split('\'').enumerate() {
            if number % 2 == 1 {
                words.push(part.to_owned());
            } else {
                words.extend(part.split_whitespace().map(whole));
            }
        }
        words
    }

    fn parse_examples(command: &clap::Command, parsed: &mut usize, wrong: &mut Vec<String>) {
        let help = command.get_after_help().map(ToString::to_string);
        let help = help.unwrap_or_default().replace("\\\n", " ");
        let lines = help.lines().map(str::trim);
        for line in lines.filter(|line| line.starts_with("talea ")) {
            // Three spaces separate an example from what it does.
            let example = line.split("   ").next().unwrap_or_default();
            for one in example.split(" && ") {
                match Arguments::try_parse_from(words_of(one)) {
                    Ok(_) => *parsed += 1,
                    Err(error) => wrong.push(format!("{one}: {error}")),
                }
            }
        }
        for inner in command.get_subcommands() {
            parse_examples(inner, parsed, wrong);
        }
    }

    #[test]
    fn every_example_parses() {
        let (mut parsed, mut wrong) = (0, Vec::new());
        parse_examples(&Arguments::command(), &mut parsed, &mut wrong);
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        assert!(parsed > 150, "only {parsed} examples were found");
    }

    fn walk_ids(command: &clap::Command, path: &str, global: &[clap::Id], both: &mut Vec<String>) {
        let path = format!("{path} {}", command.get_name());
        for argument in command.get_arguments().filter(|one| !one.is_global_set()) {
            if global.contains(argument.get_id()) {
                both.push(format!("{path}: {}", argument.get_id()));
            }
        }
        for inner in command.get_subcommands() {
            walk_ids(inner, &path, global, both);
        }
    }

    /// The parser would mix them up, and only when the command runs.
    #[test]
    fn no_option_has_the_name_of_one_of_every_command() {
        let command = Arguments::command();
        let global = command.get_arguments().filter(|one| one.is_global_set());
        let global: Vec<clap::Id> = global.map(|one| one.get_id().clone()).collect();
        assert!(!global.is_empty());
        let mut both = Vec::new();
        walk_ids(&command, "", &global, &mut both);
        assert!(both.is_empty(), "named twice: {both:?}");
    }

    #[test]
    fn the_exit_codes_are_in_the_long_help() {
        let help = Arguments::command().render_long_help().to_string();
        for code in super::exit::Code::ALL {
            assert!(help.contains(&format!("\n  {}  ", code as u8)), "{code:?}");
        }
    }
}
