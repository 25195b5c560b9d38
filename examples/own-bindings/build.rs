//! Generates the bindings: for the Asterisk that you have, put the folder of its specification here.

fn main() -> ari_codegen::Result<()> {
    ari_codegen::Builder::new("../../specs/asterisk-22").generate()
}
