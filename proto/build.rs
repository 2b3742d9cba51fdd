//! Compiles the .proto files in pure Rust: a fresh machine needs no `protoc`.

use std::{env, error::Error, fs, path::PathBuf};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=talea");
    let files = protox::compile(
        [
            "talea/api/v1/proof_file.proto",
            "talea/api/v1/envelope_file.proto",
        ],
        ["."],
    )?;
    let folder = PathBuf::from(env::var_os("OUT_DIR").ok_or("OUT_DIR is not set")?);
    let descriptors = protox::prost::Message::encode_to_vec(&files);
    fs::write(folder.join("descriptors.bin"), descriptors)?;
    tonic_prost_build::configure()
        .bytes(".")
        .extern_path(".talea.ledger.v1", "::talea_types::wire")
        .compile_fds(files)?;
    Ok(())
}
