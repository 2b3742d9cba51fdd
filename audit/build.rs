//! Lists the files of the pages, so that the program carries them: every file of `web` but tests, tools and
//! what is written for readers of the source.

use std::{
    env, fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

fn main() -> io::Result<()> {
    let web = Path::new(&env::var("CARGO_MANIFEST_DIR").map_err(io::Error::other)?).join("web");
    println!("cargo:rerun-if-changed={}", web.display());
    let mut files = Vec::new();
    collect(&web, &web, &mut files)?;
    files.sort();
    let out = PathBuf::from(env::var("OUT_DIR").map_err(io::Error::other)?).join("files.rs");
    let mut list = fs::File::create(out)?;
    writeln!(list, "[")?;
    for (name, path) in files {
        writeln!(list, "    ({name:?}, include_bytes!({path:?})),")?;
    }
    writeln!(list, "]")
}

fn collect(web: &Path, directory: &Path, files: &mut Vec<(String, PathBuf)>) -> io::Result<()> {
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        let name = path.strip_prefix(web).map_err(io::Error::other)?;
        let name = name.to_string_lossy().into_owned();
        if path.is_dir() {
            if !matches!(name.as_str(), "tests" | "tools") {
                collect(web, &path, files)?;
            }
        } else if path.extension().is_none_or(|kind| kind != "md") {
            files.push((name, path));
        }
    }
    Ok(())
}
