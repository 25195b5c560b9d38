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

    let specs = Path::new("../../specs");
    let document = specs.join("openapi.json");
    println!("cargo::rerun-if-changed={}", specs.display());
    let out = std::env::var_os("OUT_DIR").ok_or("cargo sets OUT_DIR")?;
    let spec = ari_codegen::Spec::read(&specs.join("asterisk-22"))?;
    ari_codegen::progenitor(&spec)?.write(&Path::new(&out).join("client"))?;
    let document = serde_json::from_str(&fs::read_to_string(document)?)?;
    fs::write(Path::new(&out).join("driver.rs"), driver::text(&document)?)?;
    Ok(())
}
