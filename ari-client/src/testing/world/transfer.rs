//! Attended transfers: another channel takes a channel's place.

use super::app::Interest;
use super::channel::{CallerId, unique_id};
use super::{Channel, Ending, Event, Record, State, World};

impl World {
    /// Lets a new phone take over a call, as after an attended transfer: in its application and in its bridge.
    ///
    /// Tells the new channel's id; `None` if the old one is gone or in no application.
    pub(crate) fn transfer(&mut self, old_id: &str, number: &str) -> Option<String> {
        let serial = self.next_serial();
        let old = self.channel(old_id)?;
        let app = old.app.clone()?;
        let id = unique_id(serial);
        let endpoint = old
            .name
            .rsplit_once('-')
            .map_or(old.name.as_str(), |(endpoint, _)| endpoint);
        let mut new = Channel::new(
            &id,
            format!("{endpoint}-{serial:08x}"),
            State::Up,
            old.origin.clone(),
        );
        new.caller = CallerId {
            name: String::new(),
            number: number.to_owned(),
        };
        new.location = old.location.clone();
        new.running = old.running.clone();
        new.app = Some(app.clone());
        let start = Event::new("StasisStart")
            .for_app(&app)
            .field("args", &[(); 0])
            .raw_field("channel", &new.json())
            .raw_field("replace_channel", &old.json());
        self.channels.push(new);
        self.records.insert(
            id.clone(),
            Record {
                answered: true,
                ..Record::default()
            },
        );
        self.emit(&start);
        self.add_interest(&app, Interest::Channel(&id));
        self.swap(old_id, &id);
        Some(id)
    }

    fn swap(&mut self, old_id: &str, id: &str) {
        self.playbacks_cut_off(old_id);
        let bridge = self.channel(old_id).and_then(|old| old.bridge.clone());
        if let Some(bridge) = bridge {
            self.swap_in_bridge(&bridge, old_id, id);
        }
        self.leave_stasis(old_id);
        self.end_record(old_id, Ending::Replaced { by: id.to_owned() });
        self.remove_channel(old_id);
    }
}
