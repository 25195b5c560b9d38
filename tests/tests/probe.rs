//! x
use ari_lab::{Caller, Lab};
use http::Method;
use std::time::Duration;
const LONG: Duration = Duration::from_secs(5);
async fn run(both1: bool, both2: bool) {
    eprintln!("##### c1 bridged {both1}, c2 bridged {both2}");
    let lab = Lab::start().await.unwrap();
    let server = lab.asterisk();
    let mut events = server.events("EVERYTHING").await.unwrap();
    let mut ids = vec![];
    let mut phones = vec![];
    for (name, ext) in [
        ("peer1", "1000"),
        ("x1", "1000"),
        ("x2", "2000"),
        ("peer2", "2000"),
    ] {
        let mut p = lab
            .phones()
            .dial(
                Caller::new(ext)
                    .named(name)
                    .tone(if name == "peer1" { 440 } else { 620 }),
            )
            .await
            .unwrap();
        let e = events.next_of("StasisStart", LONG).await.unwrap();
        let id = e["channel"]["id"].as_str().unwrap().to_owned();
        server
            .request(Method::POST, &format!("/ari/channels/{id}/answer"))
            .await
            .unwrap();
        p.answered(LONG).await.unwrap();
        eprintln!("{name} = {} {id}", e["channel"]["name"]);
        ids.push(id);
        phones.push(p);
    }
    for (b, on, members) in [("B1", both1, [0, 1]), ("B2", both2, [2, 3])] {
        if !on {
            continue;
        }
        server
            .request(Method::POST, &format!("/ari/bridges/{b}?type=mixing,dtmf_events"))
            .await
            .unwrap();
        for m in members {
            let a = server
                .request(
                    Method::POST,
                    &format!("/ari/bridges/{b}/addChannel?channel={}", ids[m]),
                )
                .await
                .unwrap();
            assert_eq!(a.status, 204);
        }
    }
    tokio::time::sleep(Duration::from_millis(500)).await;
    let (a, b) = phones.split_at_mut(2);
    lab.phones().asterisk().cli("pjsip set logger on").await.unwrap();
    let r = a[1].transfer_to(&mut b[0]).await;
    eprintln!("transfer: {r:?}");
    loop {
        let Ok(e) = events
            .wait_for(Duration::from_secs(2), |e| {
                e["type"] != "ChannelVarset" && e["type"] != "ChannelDialplan"
            })
            .await
        else {
            break;
        };
        let n = |v: &serde_json::Value| {
            v["name"].as_str().unwrap_or("-").to_owned() + "/" + v["id"].as_str().unwrap_or("-")
        };
        eprintln!(
            "  {} app={} ch={} replace={} bridge={} extra={}",
            e["type"],
            e["application"],
            n(&e["channel"]),
            n(&e["replace_channel"]),
            e["bridge"]["id"],
            if e["type"] == "BridgeAttendedTransfer" {
                e.to_string()
            } else {
                String::new()
            }
        );
        if e["type"] == "StasisStart" {
            eprintln!("     {}", e);
        }
    }
    eprintln!("--- x1 hangs up");
    phones[1].hang_up().await.unwrap();
    loop {
        let Ok(e) = events.wait_for(Duration::from_secs(2), |e| e["type"] != "ChannelVarset" && e["type"] != "ChannelDialplan").await else { break };
        eprintln!("  {} ch={} exten={} bridge={}", e["type"], e["channel"]["name"], e["channel"]["dialplan"]["exten"], e["bridge"]["id"]);
    }
    eprintln!("--- peer1 and peer2 hang up");
    phones[0].hang_up().await.unwrap();
    phones[3].hang_up().await.unwrap();
    loop {
        let Ok(e) = events.wait_for(Duration::from_secs(2), |e| e["type"] != "ChannelVarset" && e["type"] != "ChannelDialplan").await else { break };
        eprintln!("  {} ch={} exten={} bridge={}", e["type"], e["channel"]["name"], e["channel"]["dialplan"]["exten"], e["bridge"]["id"]);
    }
    let log = std::fs::read_to_string(lab.phones().asterisk().log()).unwrap();
    for l in log.lines().skip_while(|l| !l.contains("transfer@phone") && !l.contains("Transfer(")) { eprintln!("P {l}"); }
    let log = std::fs::read_to_string(server.log()).unwrap();
    for l in log.lines().filter(|l| l.contains("WARN") || l.contains("ERR")|| l.contains("NOTICE")) { eprintln!("S {l}"); }
    for p in &phones {
        eprintln!("  {:?}", p.state());
    }
    eprintln!("{}", server.cli("core show channels").await.unwrap());
    eprintln!("{}", server.cli("bridge show all").await.unwrap());
}
#[tokio::test]
#[ignore = "x"]
async fn both() {
    run(true, true).await;
}
#[tokio::test]
#[ignore = "x"]
async fn first() {
    run(true, false).await;
}
#[tokio::test]
#[ignore = "x"]
async fn second() {
    run(false, true).await;
}
#[tokio::test]
#[ignore = "x"]
async fn none() {
    run(false, false).await;
}
