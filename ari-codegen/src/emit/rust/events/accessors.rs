//! Accessors that work on every event: what many have in common, and the objects that each is about.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::super::idents;
use crate::ir::{Interface, Kind, Model, Presence, Property, Routed, Type, routed};

pub(super) fn accessors(interface: &Interface) -> TokenStream {
    let common = [
        (
            "application",
            Type::Text,
            quote!(&str),
            " The application that the event is for.",
        ),
        (
            "timestamp",
            Type::Timestamp,
            quote!(&rt::Timestamp),
            " When it happened.",
        ),
        (
            "asterisk_id",
            Type::Text,
            quote!(&str),
            " The server that it happened on.",
        ),
    ];
    let common = common.map(|(wire, of, ty, doc)| {
        let found = interface.events().filter_map(|model| {
            Some((
                model,
                model
                    .properties
                    .iter()
                    .find(|property| property.wire == wire && property.ty == of)?,
            ))
        });
        accessor(wire, &ty, doc, &found.collect::<Vec<_>>())
    });
    let objects = [
        (
            Kind::Channel,
            "channel",
            "Channel",
            " The channel that the event is about, or the first of several.",
        ),
        (
            Kind::Bridge,
            "bridge",
            "Bridge",
            " The bridge that the event is about, or the first of several.",
        ),
        (
            Kind::Playback,
            "playback",
            "Playback",
            " The playback that the event is about.",
        ),
        (
            Kind::Recording,
            "recording",
            "LiveRecording",
            " The live recording that the event is about.",
        ),
    ];
    let objects = objects.map(|(kind, name, model, doc)| {
        let ty = format_ident!("{model}");
        accessor(name, &quote!(&models::#ty), doc, &about(interface, kind))
    });
    quote! {
        impl EventKind {
            #(#common)*
            #(#objects)*
            #[doc = " The id of the channel that the event is about, also where it only tells what plays or records there."]
            #[must_use]
            pub fn channel_id(&self) -> Option<&str> {
                let channel = self.channel().map(|channel| channel.id.as_str());
                channel.or_else(|| self.target_uri()?.strip_prefix("channel:"))
            }
            #[doc = " The id of the bridge that the event is about, also where it only tells what plays or records there."]
            #[must_use]
            pub fn bridge_id(&self) -> Option<&str> {
                let bridge = self.bridge().map(|bridge| bridge.id.as_str());
                bridge.or_else(|| self.target_uri()?.strip_prefix("bridge:"))
            }
            /// Where the playback plays or the recording records.
            fn target_uri(&self) -> Option<&str> {
                let playback = self.playback().map(|playback| playback.target_uri.as_str());
                playback.or_else(|| self.recording().map(|recording| recording.target_uri.as_str()))
            }
        }
    }
}

/// A method that looks into the one property of each event.
fn accessor(name: &str, ty: &TokenStream, doc: &str, found: &[(&Model, &Property)]) -> TokenStream {
    let method = format_ident!("{name}");
    let arms = found.iter().map(|(model, property)| {
        let (event, field) = (idents::model(&model.name), idents::snake(&property.name));
        let value = match (property.presence, &property.ty) {
            (Presence::Optional, Type::Text) => quote!(event.#field.as_deref()),
            (Presence::Optional, _) => quote!(event.#field.as_ref()),
            _ => quote!(Some(&event.#field)),
        };
        quote!(Self::#event(event) => #value,)
    });
    quote! {
        #[doc = #doc]
        #[must_use]
        pub fn #method(&self) -> Option<#ty> {
            match self {
                #(#arms)*
                _ => None,
            }
        }
    }
}

/// The property of each event that tells which object of `kind` it is about: the one of the plain name, else the
/// first that is always there, else the first.
fn about(interface: &Interface, kind: Kind) -> Vec<(&Model, &Property)> {
    let of_kind = |property: &&Property| matches!(routed(interface, property), Some(Routed::Object(found)) if found == kind);
    let pick = |model: &'_ Model| {
        let candidates = || {
            model
                .properties
                .iter()
                .enumerate()
                .filter(|(_, property)| of_kind(property))
        };
        let plain = |property: &Property| ["channel", "bridge"].contains(&property.wire.as_str());
        candidates()
            .find(|(_, property)| plain(property))
            .or_else(|| candidates().find(|(_, property)| property.presence == Presence::Strict))
            .or_else(|| candidates().next())
            .map(|(index, _)| index)
    };
    interface
        .events()
        .filter_map(|model| Some((model, &model.properties[pick(model)?])))
        .collect()
}
