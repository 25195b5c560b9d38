//! Writes down what Asterisk sent, where `ARI_LAB_CORPUS` names a folder: test data for decoders.

use std::path::Path;

use ari_lab::Asterisk;
use ari_lab::coverage::{Corpus, Scrub, Told};
use bytes::Bytes;
use tokio::sync::Mutex;

/// What all tests saw so far: each writes it down, so that the last one has it all.
static SEEN: Mutex<Option<Corpus>> = Mutex::const_new(None);

/// Adds what one test saw.
pub(crate) async fn add(asterisk: &Asterisk, frames: &[Bytes], replies: Vec<Told>) {
    let Some(folder) = std::env::var_os("ARI_LAB_CORPUS") else {
        return;
    };
    let mut seen = SEEN.lock().await;
    let corpus = seen.get_or_insert_default();
    corpus.gather(&Scrub::of(asterisk).await.unwrap(), frames, replies);
    corpus.write(Path::new(&folder)).unwrap();
}
