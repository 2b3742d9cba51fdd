//! Precedence, origins, and what is refused.

use std::path::Path;

use figment::{
    providers::{Format, Serialized, Toml},
    value::Dict,
};

use super::*;

const FILE: &str = r#"
    name = "bank-a"
    [grpc]
    listen = "127.0.0.1:1"
    [mempool]
    batch_delay_ms = 7
"#;

fn load(file: &str, environment: Dict, flags: &[&str]) -> Result<LoadedConfig, ConfigError> {
    let flags: Vec<Override> = flags.iter().map(|flag| flag.parse().unwrap()).collect();
    let environment = Serialized::defaults(environment);
    let path = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(path.path(), file).unwrap();
    let file = Toml::file_exact(path.path());
    LoadedConfig::from_layers(file, environment, &flags, Path::new("/node"))
}

fn environment(key: &str, value: &str) -> Dict {
    figment::util::nest(key, value.parse().unwrap())
        .into_dict()
        .unwrap()
}

#[test]
fn the_later_layer_wins() {
    let defaults = load("", Dict::new(), &[]).unwrap().config;
    assert_eq!(defaults.name, "node");
    assert_eq!(defaults.mempool.batch_delay_ms, 5);
    let file = load(FILE, Dict::new(), &[]).unwrap().config;
    assert_eq!(file.mempool.batch_delay_ms, 7);
    assert_eq!(file.mempool.batch_bytes, defaults.mempool.batch_bytes);
    let variable = environment("mempool.batch_delay_ms", "8");
    let from_environment = load(FILE, variable.clone(), &[]).unwrap().config;
    assert_eq!(from_environment.mempool.batch_delay_ms, 8);
    let flag = load(FILE, variable, &["mempool.batch_delay_ms=9"])
        .unwrap()
        .config;
    assert_eq!(flag.mempool.batch_delay_ms, 9);
    assert_eq!(flag.name, "bank-a");
}

#[test]
#[allow(
    clippy::result_large_err,
    reason = "the error is of the crate that reads configurations"
)]
fn the_environment_is_read_by_its_prefix() {
    figment::Jail::expect_with(|jail| {
        jail.create_file(CONFIG_FILE_NAME, "name = \"bank-a\"")?;
        jail.set_env("TALEA_NODE_MEMPOOL__BATCH_DELAY_MS", "8");
        let loaded = LoadedConfig::load(jail.directory(), &[]).unwrap();
        assert_eq!(loaded.config.mempool.batch_delay_ms, 8);
        let origin = |key: &str| {
            loaded
                .settings
                .iter()
                .find(|setting| setting.key == key)
                .unwrap()
                .origin
                .clone()
        };
        let name = "TALEA_NODE_MEMPOOL__BATCH_DELAY_MS".to_owned();
        assert_eq!(origin("mempool.batch_delay_ms"), Origin::Environment(name));
        assert!(matches!(origin("name"), Origin::File(path) if path.ends_with("node.toml")));
        assert_eq!(origin("role"), Origin::Default);
        jail.set_env("TALEA_NODE_MEMPOOL__BATCH_DELAY", "8");
        let error = LoadedConfig::load(jail.directory(), &[])
            .unwrap_err()
            .to_string();
        assert!(error.contains("batch_delay"), "{error}");
        Ok(())
    });
}

#[test]
fn a_flag_is_shown_as_the_origin() {
    let loaded = load(FILE, Dict::new(), &["log.format=json"]).unwrap();
    assert_eq!(loaded.config.log.format, LogFormat::Json);
    let shown = loaded
        .settings
        .iter()
        .find(|setting| setting.key == "log.format")
        .unwrap();
    assert_eq!(
        (shown.value.as_str(), &shown.origin),
        ("\"json\"", &Origin::Flag)
    );
}

#[test]
fn unknown_keys_are_refused_in_every_layer() {
    let refused = |result: Result<LoadedConfig, ConfigError>| result.unwrap_err().to_string();
    let error = refused(load("[mempool]\nbytes = 1", Dict::new(), &[]));
    assert!(
        error.contains("bytes") && error.contains("bytes_max"),
        "{error}"
    );
    let error = refused(load("colour = 1", Dict::new(), &[]));
    assert!(error.contains("colour"), "{error}");
    let error = refused(load("", environment("grpc.port", "1"), &[]));
    assert!(error.contains("port"), "{error}");
    let error = refused(load("", Dict::new(), &["p2p.port=1"]));
    assert!(error.contains("port"), "{error}");
}

#[test]
fn paths_of_the_file_start_at_its_directory() {
    let file = "genesis = \"network/genesis.toml\"\ndata_dir = \"/var/lib/talea\"";
    let config = load(file, Dict::new(), &["keys.voting=voting.key"])
        .unwrap()
        .config;
    assert_eq!(config.genesis, Path::new("/node/network/genesis.toml"));
    assert_eq!(config.data_dir, Path::new("/var/lib/talea"));
    assert_eq!(config.keys.network, Path::new("/node/keys/network.key"));
    assert_eq!(config.keys.voting, Path::new("voting.key"));
}

#[test]
fn rules_say_what_to_do() {
    let cases = [
        (
            "name = \"Bank A\"",
            "name: \"Bank A\" must be 1 to 32 lower-case",
        ),
        ("[log]\nlevel = \"loud=very\"", "log.level"),
        ("[metrics]\nlisten = \"127.0.0.1:7701\"", "another port"),
        (
            "[consensus]\nheartbeat_ms = 0",
            "consensus.heartbeat_ms: 0 must be 50 to 60000",
        ),
        ("[mempool]\nbatch_bytes = 1", "mempool.batch_bytes"),
        ("[p2p]\nlisten = []", "set p2p.listen"),
        (
            "[keys]\npassphrase_file = \"p\"\npassphrase_env = \"P\"",
            "not both",
        ),
        ("[keys]\nvoting = \"k\"\nnetwork = \"k\"", "two files"),
    ];
    for (file, expected) in cases {
        let error = load(file, Dict::new(), &[]).unwrap_err().to_string();
        assert!(error.contains(expected), "{file}: {error}");
    }
}

#[test]
fn a_peer_is_known_by_its_key_or_its_peer_id() {
    let seed = [7; 32];
    let key = talea_types::SecretKey::from_seed(seed).public_key();
    let by_key: PeerKey = key.to_string().parse().unwrap();
    let by_peer_id: PeerKey = by_key.peer_id().to_string().parse().unwrap();
    assert_eq!(by_key, by_peer_id);
    assert_eq!(by_peer_id.key(), key);
    assert!("12D3KooW".parse::<PeerKey>().is_err());
    let file = format!(
        "[[p2p.peers]]\nname = \"b\"\nkey = \"{key}\"\n\
         [[p2p.peers]]\nname = \"c\"\nkey = \"{}\"",
        by_key.peer_id()
    );
    let error = load(&file, Dict::new(), &[]).unwrap_err().to_string();
    assert!(error.contains("\"c\" has the key of another"), "{error}");
}

#[test]
fn overrides_need_a_key_and_a_value() {
    for text in ["", "grpc", "=1", "grpc..listen=1", "GRPC.LISTEN=1"] {
        assert!(text.parse::<Override>().is_err(), "{text}");
    }
}
