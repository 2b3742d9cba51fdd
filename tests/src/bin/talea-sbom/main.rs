//! Prints the software bill of materials of this workspace: CycloneDX, JSON.
//!
//! Example: `cargo run --release -p talea-tests --bin talea-sbom > talea.cdx.json`

fn main() -> anyhow::Result<()> {
    let packages = talea_tests::supply::packages()?;
    let bill = talea_tests::supply::bill(&packages);
    println!("{}", serde_json::to_string_pretty(&bill)?);
    Ok(())
}
