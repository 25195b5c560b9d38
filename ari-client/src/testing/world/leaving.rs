//! How channels leave an application alive: to the dialplan, or to another application.

use super::channel::Leave;
use super::ending::{Ending, Hangup};
use super::{Event, Location, World};

impl World {
    /// The channel leaves its application, now or when what plays on it is over.
    pub(crate) fn leave(&mut self, id: &str, leave: Leave) {
        let Some(channel) = self.channel_mut(id) else {
            return;
        };
        if channel.is_busy() {
            channel.leaving = Some(leave);
            return;
        }
        let id = channel.id.clone();
        match leave {
            Leave::Continue(location) => self.continue_in_dialplan(&id, location),
            Leave::Move { app, args } => self.move_to(&id, &app, &args),
        }
    }

    fn continue_in_dialplan(&mut self, id: &str, location: Option<Location>) {
        self.leave_stasis(id);
        let Some(channel) = self.channel_mut(id) else {
            return;
        };
        // The priority after Stasis() is Hangup(), in this dialplan.
        let ends = location.is_none();
        let here = channel.location.clone();
        channel.location = location.unwrap_or(Location {
            priority: here.priority + 1,
            ..here
        });
        let Location {
            context,
            exten: extension,
            priority,
        } = channel.location.clone();
        self.end_record(
            id,
            Ending::Continued {
                context,
                extension,
                priority,
            },
        );
        if ends {
            self.destroy(id, Hangup::NORMAL);
        }
    }

    fn move_to(&mut self, id: &str, app: &str, args: &[String]) {
        if self.is_active(app) {
            // Not out of its bridge.
            self.end_app(id);
            self.enter_app(id, app, args);
            return;
        }
        let Some(channel) = self.channel(id) else { return };
        let Some(from) = channel.app.clone() else { return };
        let failed = Event::new("ApplicationMoveFailed")
            .for_app(&from)
            .raw_field("channel", &channel.json())
            .field("destination", app)
            .field("args", args);
        self.emit(&failed);
    }
}
