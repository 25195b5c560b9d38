//! Plays a script on a stage.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context as _, Result};
use serde_json::Value;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::timeout;

use crate::action::Action;
use crate::names::Names;
use crate::script::{Script, Step};
use crate::show::{self, Detail};
use crate::stage::{Person, Server, Stage};
use crate::wire::{self, Socket};

/// How long to wait for events.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pace {
    /// For one that the transcript says will come.
    pub(crate) patience: Duration,
    /// For one more.
    pub(crate) calm: Duration,
}

/// Plays a script; the lines that came of each step.
pub(crate) async fn play<S: Stage>(stage: &S, script: &Script, pace: Pace) -> Result<Vec<Vec<String>>> {
    let mut play = Play::on(stage, pace);
    let mut results = Vec::new();
    for step in script.steps() {
        let lines = play.step(step).await;
        results.push(lines.with_context(|| format!("line {}: {}", step.line, step.text))?);
    }
    for person in play.people.values_mut() {
        person.hang_up().await?;
    }
    Ok(results)
}

struct Play<'a, S: Stage> {
    stage: &'a S,
    pace: Pace,
    server: Server,
    detail: Detail,
    names: Names,
    people: BTreeMap<String, S::Person>,
    sockets: BTreeMap<String, Socket>,
    listener: UnboundedSender<(String, Value)>,
    events: UnboundedReceiver<(String, Value)>,
}

impl<'a, S: Stage> Play<'a, S> {
    fn on(stage: &'a S, pace: Pace) -> Self {
        let (listener, events) = unbounded_channel();
        Self {
            stage,
            pace,
            server: stage.server(),
            detail: Detail::Brief,
            names: Names::default(),
            people: BTreeMap::new(),
            sockets: BTreeMap::new(),
            listener,
            events,
        }
    }

    async fn step(&mut self, step: &Step) -> Result<Vec<String>> {
        let mut lines = self.act(&step.action).await?;
        let events = self.gather(step.events()).await;
        lines.extend(show::events(&self.names, events, self.detail));
        Ok(lines)
    }

    /// Does what a step asks for; the lines of the reply.
    async fn act(&mut self, action: &Action) -> Result<Vec<String>> {
        match action {
            Action::Request { method, target, body } => {
                let target = self.names.with_ids(target);
                let body = body.as_ref().map(|body| self.names.with_ids(body));
                let reply = wire::request(&self.server, method, &target, body).await?;
                return Ok(show::reply(&self.names, &reply, self.detail));
            }
            Action::Connect { app, socket } => return self.connect(app, socket).await,
            Action::Refused(person) => return Ok(vec![self.person(person)?.over().await?.to_string()]),
            Action::Login { user, password } => {
                (self.server.user, self.server.password) = (user.clone(), password.clone());
            }
            Action::Close(socket) => {
                self.sockets
                    .remove(socket)
                    .with_context(|| format!("no socket {socket}"))?;
            }
            Action::Call { person, extension } => {
                let caller = self.stage.call(person, extension).await?;
                self.people.insert(person.clone(), caller);
            }
            Action::Press { person, keys } => self.person(person)?.press(keys).await?,
            Action::HangUp(person) => self.person(person)?.hang_up().await?,
            Action::Over(person) => drop(self.person(person)?.over().await?),
            Action::Answered(person) => self.person(person)?.answered().await?,
            Action::Whole => self.detail = Detail::Whole,
        }
        Ok(Vec::new())
    }

    fn person(&mut self, name: &str) -> Result<&mut S::Person> {
        self.people
            .get_mut(name)
            .with_context(|| format!("{name} has not called"))
    }

    async fn connect(&mut self, app: &str, socket: &str) -> Result<Vec<String>> {
        let opened = wire::listen(&self.server, app, socket.to_owned(), self.listener.clone()).await?;
        let (status, opened) = opened;
        if let Some(opened) = opened {
            self.sockets.insert(socket.to_owned(), opened);
        }
        Ok(vec![status])
    }

    /// The events that come: so many, and what comes on their heels.
    async fn gather(&mut self, expected: usize) -> Vec<(String, Value)> {
        let mut events = Vec::new();
        loop {
            let wait = match events.len() < expected {
                true => self.pace.patience,
                false => self.pace.calm,
            };
            match timeout(wait, self.events.recv()).await {
                Ok(Some((_, event))) if show::is_chatter(&event) => {}
                Ok(Some((socket, event))) => {
                    self.names.learn(&event);
                    events.push((socket, event));
                }
                Ok(None) | Err(_) => return events,
            }
        }
    }
}
