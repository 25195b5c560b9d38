//! Generates the progenitor client, and a driver that calls every operation of both clients.

use std::error::Error;

#[cfg(feature = "generated")]
#[path = "build/driver.rs"]
mod driver;

fn main() -> Result<(), Box<dyn Error>> {
    #[cfg(feature = "generated")]
    generate()?;
    Ok(())
}

#[cfg(feature = "generated")]
fn generate() -> Result<(), Box<dyn Error>> {
    use std::fs;
    use std::path::Path;

    let [facts, document] = ["asterisk-22", "openapi.json"].map(|name| Path::new("../../specs").join(name));
    for read in [&facts, &document] {
        println!("cargo::rerun-if-changed={}", read.display());
    }
    let out = std::env::var_os("OUT_DIR").ok_or("cargo sets OUT_DIR")?;
    let spec = ari_codegen::Spec::read(&facts)?;
    ari_codegen::progenitor(&spec)?.write(&Path::new(&out).join("client"))?;
    let created = ari_codegen::created_ids(&spec)?;
    let document = serde_json::from_str(&fs::read_to_string(document)?)?;
    let driver = driver::text(&document, &created)?;
    fs::write(Path::new(&out).join("driver.rs"), driver)?;
    Ok(())
}
