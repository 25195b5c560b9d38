//! The program `ari-conference`, with real callers.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::time::Duration;

use ari_lab::asterisk::MUSIC_TONE;
use ari_lab::asterisk_config::PATIENT;
use ari_lab::{Caller, Lab, Phone, Program, Running};

const LONG: Duration = Duration::from_secs(10);
const SHORT: Duration = Duration::from_secs(2);

async fn start(lab: &Lab, args: &[&str]) -> Running {
    let program = Program::binary("ari-apps", "ari-conference");
    let program = args.iter().fold(program, |program, arg| program.arg(*arg));
    program.start(lab.asterisk()).await.unwrap()
}

async fn call(lab: &Lab, name: &str, hertz: u32) -> Phone {
    let caller = Caller::new("1000").named(name).tone(hertz);
    lab.phones().call(caller).await.unwrap()
}

#[tokio::test]
#[ignore = "real Asterisk"]
async fn members_hear_each_other_mute_themselves_and_leave() {
    let lab = Lab::start().await.unwrap();
    let _program = start(&lab, &[]).await;
    let mut anna = call(&lab, "anna", 440).await;
    tokio::time::sleep(SHORT).await;
    let alone = anna.listen(SHORT).await.unwrap();
    assert!(alone.holds(MUSIC_TONE), "no music for who waits alone: {alone:?}");

    let mut bert = call(&lab, "bert", 620).await;
    tokio::time::sleep(SHORT).await;
    let (to_anna, to_bert) = tokio::try_join!(anna.listen(SHORT), bert.listen(SHORT)).unwrap();
    assert!(
        to_anna.holds(620) && to_anna.lacks(440) && to_anna.lacks(MUSIC_TONE),
        "{to_anna:?}"
    );
    assert!(
        to_bert.holds(440) && to_bert.lacks(620) && to_bert.lacks(MUSIC_TONE),
        "{to_bert:?}"
    );

    // *1 mutes: anna no longer hears bert, bert still hears anna.
    bert.press("*1").await.unwrap();
    tokio::time::sleep(Duration::from_secs(3)).await;
    let (to_anna, to_bert) = tokio::try_join!(anna.listen(SHORT), bert.listen(SHORT)).unwrap();
    assert!(to_anna.lacks(620), "bert is heard although muted: {to_anna:?}");
    assert!(to_bert.holds(440), "who mutes himself is not deaf: {to_bert:?}");

    // *1 again unmutes.
    bert.press("*1").await.unwrap();
    tokio::time::sleep(Duration::from_secs(3)).await;
    let to_anna = anna.listen(SHORT).await.unwrap();
    assert!(to_anna.holds(620), "bert is still muted: {to_anna:?}");

    // # leaves; who stays alone hears music again.
    bert.press("#").await.unwrap();
    assert_eq!(bert.ended(LONG).await.unwrap(), 16);
    tokio::time::sleep(SHORT).await;
    let alone = anna.listen(SHORT).await.unwrap();
    assert!(alone.holds(MUSIC_TONE) && alone.lacks(620), "{alone:?}");
    anna.hang_up().await.unwrap();
    lab.asterisk().becomes_empty(LONG).await.unwrap();
}

#[tokio::test]
#[ignore = "real Asterisk"]
async fn sigterm_lets_the_live_call_finish_and_turns_new_ones_away() {
    // The pattern leaves out `h`, whose pass behind each hangup would set the cause as well.
    // Behind Stasis the dialplan goes on: busy, cause 17, tells that the call was continued there.
    let lab = Lab::with(|asterisk| {
        asterisk.dialplan("[default]\nexten => _X!,1,Stasis(EVERYTHING)\n same => n,Hangup(17)\n")
    })
    .await
    .unwrap();
    let mut program = start(&lab, &["--drain-seconds", "30"]).await;
    let mut live = call(&lab, "live", 440).await;
    program.terminate().unwrap();
    tokio::time::sleep(Duration::from_millis(500)).await;

    let mut late = lab
        .phones()
        .dial(Caller::new("1000").named("late"))
        .await
        .unwrap();
    let refused = late.answered(LONG).await.unwrap_err().to_string();
    assert!(refused.contains("cause 17 "), "{refused}");

    // The live call still works: its application answers keys.
    assert!(program.code().unwrap().is_none(), "{}", program.output().unwrap());
    live.press("#").await.unwrap();
    assert_eq!(live.ended(LONG).await.unwrap(), 16);
    assert_eq!(
        program.ended(LONG).await.unwrap(),
        0,
        "{}",
        program.output().unwrap()
    );
    lab.asterisk().becomes_empty(LONG).await.unwrap();
}

#[tokio::test]
#[ignore = "real Asterisk"]
async fn who_comes_during_the_drain_waits_for_the_next_program() {
    let lab = Lab::with(|asterisk| asterisk.dialplan(PATIENT)).await.unwrap();
    let mut old = start(&lab, &["--drain-seconds", "30"]).await;
    let mut live = call(&lab, "live", 440).await;
    old.terminate().unwrap();
    tokio::time::sleep(Duration::from_millis(500)).await;
    let late = Caller::new("1000").named("late");
    let mut late = lab.phones().dial(late).await.unwrap();
    assert!(late.answered(SHORT).await.is_err(), "nobody takes calls");

    live.press("#").await.unwrap();
    assert_eq!(old.ended(LONG).await.unwrap(), 0, "{}", old.output().unwrap());
    let _new = start(&lab, &[]).await;
    late.answered(LONG).await.unwrap();
    late.hang_up().await.unwrap();
    lab.asterisk().becomes_empty(LONG).await.unwrap();
}

#[tokio::test]
#[ignore = "real Asterisk"]
async fn the_drain_deadline_ends_the_calls_that_stay() {
    let lab = Lab::start().await.unwrap();
    let mut program = start(&lab, &["--drain-seconds", "2"]).await;
    let mut stays = call(&lab, "stays", 440).await;
    program.terminate().unwrap();
    assert_eq!(stays.ended(LONG).await.unwrap(), 16);
    assert_eq!(
        program.ended(LONG).await.unwrap(),
        0,
        "{}",
        program.output().unwrap()
    );
    lab.asterisk().becomes_empty(LONG).await.unwrap();
}

#[tokio::test]
#[ignore = "real Asterisk"]
async fn bad_settings_end_it_with_one_clear_line() {
    let lab = Lab::start().await.unwrap();
    let without_ari = ari_lab::Asterisk::builder(lab.asterisk().installation())
        .without_ari()
        .start()
        .await
        .unwrap();
    let rooms = std::env::temp_dir().join(format!("ari-lab-rooms-{}.toml", std::process::id()));
    let eleven_good_lines = "# rooms\n".repeat(11);
    std::fs::write(&rooms, format!("{eleven_good_lines}max_members = \"many\"\n")).unwrap();
    let conference = || Program::binary("ari-apps", "ari-conference");
    let long_name = "x".repeat(74);
    let cases = [
        (
            conference().env("ARI_PASSWORD", "wrong"),
            1,
            "user name or password not accepted",
        ),
        (
            conference().env("ARI_URL", "http://127.0.0.1:1"),
            1,
            "no connection to 127.0.0.1:1",
        ),
        (conference().env("ARI_URL", "127.0.0.1"), 2, "ARI URL `127.0.0.1`"),
        (
            conference().env("ARI_URL", without_ari.http_url()),
            1,
            "no ARI at this address",
        ),
        (
            conference().env("ARI_URL", format!("{}/x", lab.asterisk().http_url())),
            1,
            "no ARI at this address",
        ),
        (
            conference().arg("--app").arg(""),
            2,
            "the application name is empty",
        ),
        (conference().arg("--app").arg(&long_name), 2, "74 bytes"),
        (conference().arg("--config").arg(&rooms), 2, ":12:"),
        (conference().arg("--sing"), 2, "--sing"),
    ];
    for (program, code, words) in cases {
        let mut running = program.run(lab.asterisk()).await.unwrap();
        let ended = running.ended(LONG).await.unwrap();
        let output = running.output().unwrap();
        let errors: Vec<_> = output
            .lines()
            .filter(|line| line.starts_with("error: "))
            .collect();
        assert_eq!((ended, errors.len()), (code, 1), "{words}: {output}");
        assert!(errors[0].contains(words), "{words}: {output}");
        assert!(!output.contains("panicked"), "{output}");
    }
    std::fs::remove_file(&rooms).unwrap();
}
