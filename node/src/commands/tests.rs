//! The command line as it is documented.

use clap::CommandFactory;

use super::*;

/// Every command without subcommands, with the words that lead to it.
fn leaves<'c>(
    command: &'c clap::Command,
    path: &[&'c str],
) -> Vec<(Vec<&'c str>, &'c clap::Command)> {
    let subcommands = command
        .get_subcommands()
        .filter(|one| one.get_name() != "help");
    let found: Vec<_> = subcommands
        .flat_map(|one| leaves(one, &[path, &[one.get_name()]].concat()))
        .collect();
    if found.is_empty() {
        vec![(path.to_vec(), command)]
    } else {
        found
    }
}

#[test]
fn every_command_explains_itself_with_examples_that_parse() {
    let root = Cli::command();
    root.clone().debug_assert();
    let mut examples = 0;
    for (path, command) in leaves(&root, &[]) {
        assert!(command.get_about().is_some(), "{path:?} says nothing");
        let help = command
            .get_after_help()
            .map(ToString::to_string)
            .unwrap_or_default();
        let text = help.replace("\\\n", " ");
        for line in text.lines().filter(|line| line.contains("talea-node ")) {
            let (_, arguments) = line.split_once("talea-node ").unwrap();
            // Two spaces separate an example from what it does.
            let arguments = arguments.trim().split("   ").next().unwrap();
            let words = std::iter::once("talea-node").chain(arguments.split_whitespace());
            Cli::try_parse_from(words).unwrap_or_else(|error| panic!("{line}: {error}"));
            examples += 1;
        }
        assert!(
            !help.is_empty() || path == ["config", "defaults"],
            "{path:?} has no example"
        );
    }
    assert!(examples >= 12, "only {examples} examples were found");
}

#[test]
fn the_help_lists_every_exit_code() {
    let help = Cli::command().render_help().to_string();
    for code in [0, 1, 2, 3, 4, 5, 6, 70] {
        let line = format!("{code:>3}  ");
        assert!(help.lines().any(|one| one.starts_with(&line)), "{code}");
    }
}

#[test]
fn a_passphrase_cannot_be_an_argument() {
    let init = [
        "talea-node",
        "init",
        "x",
        "--name",
        "a",
        "--passphrase",
        "secret",
    ];
    assert!(Cli::try_parse_from(init).is_err());
}
