//! Compiles the .proto files in pure Rust: a fresh machine needs no `protoc`.

use std::{env, error::Error, fs, path::PathBuf};

use protox::prost_reflect::prost_types as descriptors;

mod shapes;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=talea");
    println!("cargo:rerun-if-changed=shapes.rs");
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
    fs::write(
        folder.join("shapes.rs"),
        shapes::generate(&files, "talea.api.v1"),
    )?;
    tonic_prost_build::configure()
        .codec_path("crate::codec::BoundedCodec")
        .bytes(".")
        .extern_path(".talea.ledger.v1", "::talea_types::wire")
        .compile_fds(files)?;
    Ok(())
}
