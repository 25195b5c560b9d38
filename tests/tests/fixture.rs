//! The lab's own fixtures, on the real Asterisk.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::path::Path;
use std::time::Duration;

use ari_lab::asterisk::MUSIC_TONE;
use ari_lab::{Asterisk, CallState, Caller, Counts, Installation, Lab};

async fn installation() -> Installation {
    Installation::find_or_fetch().await.unwrap()
}

#[tokio::test]
#[ignore = "real Asterisk"]
async fn an_asterisk_starts_and_leaves_nothing() {
    let asterisk = Asterisk::builder(&installation().await).start().await.unwrap();
    let log = asterisk.log();
    assert!(logs(&log, "Asterisk Ready").await, "{} lacks it", log.display());
    assert!(
        asterisk
            .cli("core show channels count")
            .await
            .unwrap()
            .contains("0 active channels")
    );
    assert_eq!(asterisk.channels_and_bridges().await.unwrap(), (0, 0));
    assert!(asterisk.cpu_time().unwrap() > Duration::from_millis(50));
    let process = format!("/proc/{}", asterisk.pid().unwrap());
    assert!(std::fs::exists(&process).unwrap());
    asterisk.stop().await.unwrap();
    assert!(!std::fs::exists(&process).unwrap(), "Asterisk still runs");
    assert!(!log.exists(), "the folder of the run was left behind");
}

/// Whether the log comes to hold these words. Asterisk writes it in a thread of its own, a little behind what it does.
async fn logs(log: &Path, words: &str) -> bool {
    for _ in 0..100 {
        if std::fs::read_to_string(log).unwrap().contains(words) {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    false
}

/// A house without an application: the dialplan itself answers.
const DIALPLAN: &str = "[default]
exten => echo,1,Answer()
 same => n,Echo()
exten => music,1,Answer()
 same => n,MusicOnHold()
exten => who,1,Answer()
 same => n,Log(NOTICE,caller is ${CALLERID(name)} ${CALLERID(num)})
 same => n,Read(DIGITS,,3,,1,10)
 same => n,Log(NOTICE,digits are ${DIGITS})
 same => n,Hangup(21)
exten => busy,1,Hangup(17)
exten => _room.,1,Answer()
 same => n,ConfBridge(${EXTEN})
exten => ringing,1,Ringing()
 same => n,Wait(60)
";

async fn house() -> Lab {
    Lab::with(|asterisk| asterisk.dialplan(DIALPLAN)).await.unwrap()
}

const LONG: Duration = Duration::from_secs(10);

#[tokio::test]
#[ignore = "real Asterisk"]
async fn what_one_phone_says_the_other_hears() {
    let lab = house().await;
    let mut a = lab
        .phones()
        .call(Caller::new("room1").named("a").tone(440))
        .await
        .unwrap();
    let mut b = lab
        .phones()
        .call(Caller::new("room1").named("b").tone(620))
        .await
        .unwrap();
    tokio::time::sleep(Duration::from_secs(4)).await; // the room tells who is alone first
    let (heard_a, heard_b) = tokio::join!(a.listen(Duration::from_secs(2)), b.listen(Duration::from_secs(2)));
    let (heard_a, heard_b) = (heard_a.unwrap(), heard_b.unwrap());
    assert!(
        heard_a.duration() > Duration::from_secs(1),
        "{:?}",
        heard_a.duration()
    );
    assert!(
        heard_a.holds(620) && heard_a.lacks(440),
        "620: {}, 440: {}",
        heard_a.share(620),
        heard_a.share(440)
    );
    assert!(
        heard_b.holds(440) && heard_b.lacks(620),
        "440: {}, 620: {}",
        heard_b.share(440),
        heard_b.share(620)
    );
    a.be_silent().await.unwrap();
    tokio::time::sleep(Duration::from_secs(1)).await; // what is on its way is still heard
    let heard = b.listen(Duration::from_secs(1)).await.unwrap();
    assert!(heard.lacks(440), "440: {}", heard.share(440));
    a.hang_up().await.unwrap();
    b.hang_up().await.unwrap();
    assert!(
        a.heard().await.unwrap().holds(620),
        "the recording of the whole call"
    );
    lab.asterisk().becomes_empty(LONG).await.unwrap();
}

#[tokio::test]
#[ignore = "real Asterisk"]
async fn a_phone_hears_its_echo_and_the_music() {
    let lab = house().await;
    let mut echo = lab.phones().call(Caller::new("echo").tone(350)).await.unwrap();
    let mut music = lab.phones().call(Caller::new("music")).await.unwrap();
    let (echo, music) = tokio::join!(
        echo.listen(Duration::from_secs(2)),
        music.listen(Duration::from_secs(2))
    );
    assert!(echo.unwrap().holds(350));
    assert_eq!(music.unwrap().loudest(&[350, 440, MUSIC_TONE]), Some(MUSIC_TONE));
}

#[tokio::test]
#[ignore = "real Asterisk"]
async fn a_phone_tells_its_number_and_presses_digits() {
    let lab = house().await;
    let mut phone = lab
        .phones()
        .call(Caller::new("who").named("alice").number("1001").tone(440))
        .await
        .unwrap();
    phone.press("*1#").await.unwrap();
    assert_eq!(phone.ended(LONG).await.unwrap(), 21);
    let log = std::fs::read_to_string(lab.asterisk().log()).unwrap();
    assert!(log.contains("caller is alice 1001"), "{log}");
    assert!(log.contains("digits are *1"), "{log}");
}

#[tokio::test]
#[ignore = "real Asterisk"]
async fn a_refused_call_tells_its_cause() {
    let lab = house().await;
    let error = lab
        .phones()
        .call(Caller::new("busy").named("a"))
        .await
        .unwrap_err()
        .to_string();
    assert_eq!(error, "a: refused, cause 17 (User busy)");
    let mut ringing = lab
        .phones()
        .dial(Caller::new("ringing").named("b"))
        .await
        .unwrap();
    let error = ringing
        .answered(Duration::from_secs(1))
        .await
        .unwrap_err()
        .to_string();
    assert_eq!(error, "b: not answered within 1s");
    assert_eq!(ringing.state(), CallState::Ringing);
    drop(ringing);
    lab.asterisk().becomes_empty(LONG).await.unwrap();
}

#[tokio::test]
#[ignore = "real Asterisk"]
async fn sipp_calls_are_counted_and_heard() {
    let lab = house().await;
    let mut listener = lab.phones().call(Caller::new("room2")).await.unwrap();
    let callers = lab
        .sipp("room2")
        .calls(3)
        .tone(440)
        .stay(Duration::from_secs(12))
        .start()
        .await
        .unwrap();
    tokio::time::sleep(Duration::from_secs(4)).await;
    assert!(listener.listen(Duration::from_secs(1)).await.unwrap().holds(440));
    let counts = callers.finished(Duration::from_secs(40)).await.unwrap();
    assert_eq!(
        counts,
        Counts {
            ok: 3,
            failed: 0,
            current: 0
        }
    );
    let refused = lab.sipp("busy").calls(2).run().await.unwrap();
    assert_eq!(
        refused,
        Counts {
            ok: 0,
            failed: 2,
            current: 0
        }
    );
}

#[tokio::test]
#[ignore = "real Asterisk"]
async fn sipp_callers_stay_until_they_are_hung_up() {
    let lab = Lab::with(|asterisk| {
        asterisk.dialplan("[default]\nexten => brief,1,Answer()\n same => n,Wait(1)\n same => n,Hangup()\n")
    });
    let counts = lab
        .await
        .unwrap()
        .sipp("brief")
        .calls(2)
        .until_hung_up()
        .run()
        .await
        .unwrap();
    assert_eq!(
        counts,
        Counts {
            ok: 2,
            failed: 0,
            current: 0
        }
    );
}

#[tokio::test]
#[ignore = "real Asterisk"]
async fn the_demo_proves_that_callers_met() {
    let lab = house().await;
    let proof = ari_lab::demo::meet(&lab, "room3", 3, |line| eprintln!("{line}"))
        .await
        .unwrap();
    assert_eq!(
        proof,
        ari_lab::demo::Proof {
            callers: 5,
            conferences: 1,
            both_ways: true
        }
    );
}

#[tokio::test]
#[ignore = "real Asterisk"]
async fn an_asterisk_without_ari_answers_404() {
    let asterisk = Asterisk::builder(&installation().await)
        .without_ari()
        .start()
        .await
        .unwrap();
    let answer = asterisk
        .request(http::Method::GET, "/ari/asterisk/info")
        .await
        .unwrap();
    assert_eq!(answer.status, http::StatusCode::NOT_FOUND);
}

#[tokio::test]
#[ignore = "real Asterisk"]
async fn two_at_once_do_not_meet() {
    let installation = installation().await;
    let (a, b) = tokio::join!(
        Asterisk::builder(&installation).start(),
        Asterisk::builder(&installation).start()
    );
    let (a, b) = (a.unwrap(), b.unwrap());
    assert_ne!(
        (a.http_url(), a.sip_port(), a.pid().unwrap()),
        (b.http_url(), b.sip_port(), b.pid().unwrap())
    );
    drop(a);
    assert_eq!(b.channels_and_bridges().await.unwrap(), (0, 0));
}

#[tokio::test]
#[ignore = "real Asterisk"]
async fn an_asterisk_that_cannot_start_names_its_log() {
    let broken = Asterisk::builder(&installation().await).config("modules.conf", "require=no_such_module.so");
    let error = broken.start().await.unwrap_err().to_string();
    let (_, log) = error.split_once("Asterisk did not start (see ").expect(&error);
    let log = Path::new(log.strip_suffix(')').unwrap());
    assert!(log.exists(), "{}", log.display());
    std::fs::remove_dir_all(log.ancestors().nth(2).unwrap()).unwrap();
}
