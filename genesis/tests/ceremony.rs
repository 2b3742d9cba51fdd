//! The ceremony through the program itself: two banks, an operator and an observer with keys on
//! machines of their own (folders here), and what happens when somebody cheats.

use std::{
    fs::Permissions,
    os::unix::fs::PermissionsExt as _,
    path::PathBuf,
    process::{Command, Output},
    sync::LazyLock,
};

use serde_json::Value;
use talea_genesis::{GenesisDocument, GenesisError};
use talea_ledger::Ledger;

struct Desk(tempfile::TempDir);

impl Desk {
    fn new() -> Self {
        let desk = Self(tempfile::tempdir().unwrap());
        let pass = desk.path("pass");
        std::fs::write(&pass, "correct horse battery\n").unwrap();
        std::fs::set_permissions(&pass, Permissions::from_mode(0o600)).unwrap();
        desk
    }

    /// A desk with copies of the files of another.
    fn like(other: &Self) -> Self {
        let desk = Self(tempfile::tempdir().unwrap());
        for entry in std::fs::read_dir(other.0.path()).unwrap() {
            let entry = entry.unwrap();
            std::fs::copy(entry.path(), desk.0.path().join(entry.file_name())).unwrap();
        }
        desk
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn run(&self, line: &str) -> Output {
        Command::new(env!("CARGO_BIN_EXE_talea-genesis"))
            .current_dir(self.0.path())
            .args(line.split_whitespace().map(|word| word.replace('_', " ")))
            .output()
            .unwrap()
    }

    /// Runs a command that must succeed.
    #[track_caller]
    fn done(&self, line: &str) -> String {
        let output = self.run(line);
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{line}\n{stderr}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// Runs a command that must be refused with this reason.
    #[track_caller]
    fn refused(&self, line: &str, reason: &str) {
        let output = self.run(line);
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{line}\n{stderr}");
        assert!(stderr.contains(reason), "{reason} in:\n{stderr}");
    }

    #[track_caller]
    fn json(&self, line: &str) -> Value {
        serde_json::from_str(&self.done(&format!("{line} --json"))).unwrap()
    }

    fn keys(&self, names: &[&str]) {
        for name in names {
            self.done(&format!("keys new --out {name}.key --passphrase-file pass"));
        }
    }

    fn replace(&self, file: &str, from: &str, to: &str) {
        let text = std::fs::read_to_string(self.path(file)).unwrap();
        assert!(text.contains(from), "{from} in {file}");
        std::fs::write(self.path(file), text.replacen(from, to, 1)).unwrap();
    }
}

const LEIS: [(&str, &str); 3] = [
    ("operator", "506700GE1G29325QX363"),
    ("east", "7LTWFZYICNSX8D621K86"),
    ("west", "HWUPKR0MPOU8FGXBT394"),
];

/// Opening a key file is slow on purpose, so each state is made once and copied.
static CONTRIBUTED: LazyLock<Desk> = LazyLock::new(make_contributed);
static APPROVED: LazyLock<Desk> = LazyLock::new(make_approved);

/// A sandbox of three organisations that all contributed, each with a second key elsewhere.
fn contributed() -> Desk {
    Desk::like(&CONTRIBUTED)
}

/// The same, signed and approved by all.
fn approved() -> Desk {
    Desk::like(&APPROVED)
}

fn make_contributed() -> Desk {
    let desk = Desk::new();
    desk.done("init --network trial --sandbox --out terms.toml");
    for (name, lei) in LEIS {
        desk.keys(&[
            &format!("{name}-1"),
            &format!("{name}-2"),
            &format!("{name}-vote"),
            &format!("{name}-net"),
        ]);
        let second = desk.done(&format!("keys public {name}-2.key"));
        let role = if name == "operator" {
            "--role operator --bic OPERCZPP".to_owned()
        } else {
            format!(
                "--role bank --bic {}CZPP --reserve EUR=250000.00",
                name.to_uppercase()
            )
        };
        desk.done(&format!(
            "contribute --network trial --lei {lei} --name The_{name} --jurisdiction CZ {role} \
             --policy-key {name}-1.key --policy-public-key {second} --threshold 2 \
             --validator {name},1,{name}-vote.key,{name}-net.key --out {name}.toml \
             --passphrase-file pass"
        ));
    }
    desk
}

const ASSEMBLE: &str = "assemble --terms terms.toml --contribution operator.toml \
                        --contribution east.toml --contribution west.toml --out genesis.toml";

fn load(desk: &Desk) -> Result<talea_genesis::GenesisRecord, GenesisError> {
    GenesisDocument::load_complete(&desk.path("genesis.toml"))
}

#[test]
fn from_keys_to_a_network_that_starts() {
    let desk = contributed();

    // The second holder of each organisation signs; until then the contribution says what is missing.
    let state = desk.json("validate east.toml --contribution");
    assert_eq!(state["signed"]["progress"]["signed"], 3);
    assert_eq!(state["signed"]["progress"]["needed"], 4);
    desk.refused(
        "sign east.toml --key west-1.key --passphrase-file pass",
        "neither a policy key of The east",
    );
    desk.done(ASSEMBLE);
    let chain = desk.done("hash genesis.toml");
    let chain = chain.trim();
    desk.refused(
        &format!("approve genesis.toml --chain-id {chain} --key east-1.key --passphrase-file pass"),
        "1 of 2 needed policy keys of The east have signed",
    );
    for (name, _) in LEIS {
        desk.done(&format!(
            "sign {name}.toml --key {name}-2.key --passphrase-file pass"
        ));
    }
    desk.done(ASSEMBLE);
    assert_eq!(desk.json("hash genesis.toml")["chain_id"], chain);

    // A node does not start yet.
    assert!(matches!(load(&desk), Err(GenesisError::Incomplete { .. })));
    desk.refused(
        "validate genesis.toml --complete",
        "0 of 2 needed policy keys of The west",
    );

    // Each organisation approves on its own; the copies are joined.
    desk.refused(
        &format!(
            "approve genesis.toml --chain-id {} --key east-1.key",
            "0".repeat(64)
        ),
        "nothing was signed",
    );
    desk.refused(
        &format!(
            "approve genesis.toml --chain-id {chain} --key east-vote.key --passphrase-file pass"
        ),
        "not a policy key",
    );
    for (name, _) in LEIS {
        let state = desk.json(&format!(
            "approve genesis.toml --chain-id {chain} --key {name}-1.key --key {name}-2.key \
             --out approved-{name}.toml --passphrase-file pass"
        ));
        assert_eq!(state["complete"], false);
    }
    desk.done(
        "merge approved-operator.toml approved-east.toml approved-west.toml --out genesis.toml",
    );
    desk.done("validate genesis.toml --complete");
    let record = load(&desk).unwrap();
    assert_eq!(record.chain_id().to_string(), chain);
    Ledger::genesis(&record.to_ledger()).unwrap();

    let shown = desk.done("show genesis.toml");
    for text in [
        "SANDBOX",
        chain,
        "The west",
        "250000.00",
        "complete",
        "2 of 2",
    ] {
        assert!(shown.contains(text), "{text} in:\n{shown}");
    }
    let shown = desk.json("show genesis.toml");
    assert_eq!(shown["complete"], true);
    assert_eq!(shown["document"]["network"]["name"], "trial");
    assert_eq!(shown["organisations"][0]["approval"]["signed"], 2);
}

fn make_approved() -> Desk {
    let desk = contributed();
    for (name, _) in LEIS {
        desk.done(&format!(
            "sign {name}.toml --key {name}-2.key --passphrase-file pass"
        ));
    }
    desk.done(ASSEMBLE);
    let chain = desk.done("hash genesis.toml");
    let keys: Vec<String> = LEIS
        .iter()
        .flat_map(|(name, _)| [format!("--key {name}-1.key"), format!("--key {name}-2.key")])
        .collect();
    desk.done(&format!(
        "approve genesis.toml --chain-id {chain} {} --passphrase-file pass",
        keys.join(" ")
    ));
    load(&desk).unwrap();
    desk
}

#[test]
fn what_was_signed_cannot_be_changed() {
    let desk = approved();
    std::fs::copy(desk.path("genesis.toml"), desk.path("good.toml")).unwrap();
    let refused = |from: &str, to: &str, field: &str| {
        std::fs::copy(desk.path("good.toml"), desk.path("genesis.toml")).unwrap();
        desk.replace("genesis.toml", from, to);
        let Err(GenesisError::Invalid { problems }) = load(&desk) else {
            panic!("{from} -> {to} was accepted");
        };
        let found = problems.iter().any(|problem| {
            problem.field.starts_with(field) && problem.what.contains("does not match")
        });
        assert!(found, "{problems}");
        desk.refused("validate genesis.toml", "does not match");
    };
    // Terms are covered by approvals.
    refused("150.00", "1.50", "approvals[0]");
    // What an organisation brought is covered by its contribution too.
    refused(
        "amount = \"250000.00\"",
        "amount = \"9250000.00\"",
        "contributions[",
    );
    refused("power = 1", "power = 2", "contributions[");
    refused(
        "name = \"The east\"",
        "name = \"The beast\"",
        "contributions[",
    );

    // What was changed can be found.
    let changes = desk.done("diff good.toml genesis.toml");
    let name = format!("participants[{}].name", LEIS[1].1);
    let expected = format!("- {name} = \"The east\"\n+ {name} = \"The beast\"\n");
    assert_eq!(changes, expected);
}

#[test]
fn a_signature_that_is_missing_is_missed() {
    let desk = approved();
    let good = GenesisDocument::load(&desk.path("genesis.toml")).unwrap();
    assert_eq!(good.approvals.len(), 3);
    for organisation in 0..3 {
        let mut document = good.clone();
        document.approvals.remove(organisation);
        assert!(matches!(
            document.complete_record(),
            Err(GenesisError::Incomplete { .. })
        ));
        let mut document = good.clone();
        document.approvals[organisation].signatures.pop();
        assert!(matches!(
            document.complete_record(),
            Err(GenesisError::Incomplete { .. })
        ));
        // Policy keys and both keys of the validator have signed the contribution.
        for signature in 0..4 {
            let mut document = good.clone();
            document.contributions[organisation]
                .signatures
                .remove(signature);
            assert!(matches!(
                document.complete_record(),
                Err(GenesisError::Incomplete { .. })
            ));
        }
    }
    // A signature of another organisation, and one signature twice, count for nothing.
    let mut document = good.clone();
    let foreign = document.approvals[1].signatures[0].clone();
    document.approvals[0].signatures[1] = foreign;
    assert!(matches!(
        document.complete_record(),
        Err(GenesisError::Invalid { .. })
    ));
    let mut document = good;
    document.approvals[0].signatures[1] = document.approvals[0].signatures[0].clone();
    assert!(matches!(
        document.complete_record(),
        Err(GenesisError::Invalid { .. })
    ));
}

#[test]
fn programs_get_refusals_as_json() {
    let desk = contributed();
    desk.done(ASSEMBLE);
    desk.replace("genesis.toml", "power = 1", "power = 0");
    desk.replace("genesis.toml", "decimals = 2", "decimals = 3");
    let output = desk.run("validate genesis.toml --json");
    assert_eq!(output.status.code(), Some(1));
    let refusal: Value = serde_json::from_slice(&output.stdout).unwrap();
    let fields: Vec<&str> = refusal["problems"]
        .as_array()
        .unwrap()
        .iter()
        .map(|problem| problem["field"].as_str().unwrap())
        .collect();
    assert!(fields.contains(&"assets[0].decimals"), "{fields:?}");
    assert!(fields.contains(&"validators[0].power"), "{fields:?}");
}

#[test]
fn contributions_of_others_and_doubled_ones_are_refused() {
    let desk = contributed();
    desk.done("init --network other --out other.toml");
    desk.refused(
        "assemble --terms other.toml --contribution east.toml --out other-genesis.toml",
        "it is for trial",
    );
    desk.refused("init --network trial --out terms.toml", "not replaced");
    desk.replace("east.toml", "The east", "The beast");
    desk.refused(ASSEMBLE, "does not match");
    assert!(!desk.path("genesis.toml").exists());
}

#[test]
fn every_command_has_help_with_an_example() {
    let desk = Desk::new();
    for command in [
        "init",
        "keys new",
        "keys public",
        "contribute",
        "sign",
        "assemble",
        "validate",
        "hash",
        "approve",
        "merge",
        "show",
        "diff",
    ] {
        let help = desk.done(&format!("{command} --help"));
        assert!(help.contains("Example"), "{command}:\n{help}");
        assert!(
            help.contains(&format!("talea-genesis {command} ")),
            "{command}:\n{help}"
        );
        assert!(help.contains("--json"), "{command}:\n{help}");
    }
    assert_eq!(desk.run("no-such-command").status.code(), Some(2));
}
