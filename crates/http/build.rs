//! Makes sure that the folder of the built web application exists, and that a new build of it is embedded.
//! It never runs npm: `cargo xtask web` does that, and a plain `cargo build` needs Rust alone.

use std::path::Path;

fn main() {
    let built = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../web/build");
    // An empty folder is embedded as "not built"; a missing one would make cargo ask every time.
    if let Err(error) = std::fs::create_dir_all(&built) {
        println!("cargo::warning={} cannot be made: {error}", built.display());
    }
    println!("cargo::rerun-if-changed=../../web/build");
}
