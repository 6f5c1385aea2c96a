//! Owns the count of what the HTTP resources of a store hold in the host, and the size of fields.

use std::collections::HashMap;

use http::{HeaderMap, HeaderName, HeaderValue};

/// Names that fields can have at most. With more, the map of the crate `http` cannot always grow, and then panics: it grows early if
/// names collide, from a fifth of its 32,768 places on.
pub(crate) const MAX_NAMES: usize = 6_554;

/// Bytes of a path, an authority or a method at most: the crate `http` takes no longer URI.
pub(crate) const MAX_TEXT: usize = 65_534;

/// Bytes of a body that wait until the host reads them: two chunks.
pub(crate) const BODY: usize = 2 << 20;

/// Bytes that a request on its way and its response take: buffers of the connection, headers, and a chunk.
pub(crate) const RESPONSE: usize = 1 << 20;

/// Bytes that a store may hold in any case: one exchange, and one request of the guest's own with a body, whose response is there.
pub(crate) const LEAST: usize = 2 * BODY + 2 * RESPONSE + (1 << 20);

/// Bytes that a map of the crate `http` has for each name it has room for: the name and a value, a hash, links, and places in a table.
const PLACE: usize = size_of::<HeaderName>() + size_of::<HeaderValue>() + 40;

/// What a resource holds.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Part {
    Fields,
    /// What the map of fields takes beyond that: it keeps the room of what was removed, and a copy of it has that room, too.
    Room,
    Method,
    Path,
    Scheme,
    Authority,
    Body,
    Trailers,
    Response,
}

const PARTS: usize = Part::Response as usize + 1;

/// Bytes that one resource holds, by part.
#[derive(Clone, Debug, Default)]
struct Entry {
    parts: [usize; PARTS],
    /// The number of the resource that a guest writes its body with.
    body: Option<u32>,
}

/// Bytes that HTTP resources hold, by the numbers that they have in the store's table.
#[derive(Debug, Default)]
pub(crate) struct Held {
    entries: HashMap<u32, Entry>,
    /// Of a body that a guest writes, the number of the request or response.
    owners: HashMap<u32, u32>,
    bytes: usize,
}

impl Held {
    /// Records what a part of a resource holds from now on.
    pub(crate) fn set(&mut self, number: u32, part: Part, bytes: usize) {
        let Some(held) = self.entries.entry(number).or_default().parts.get_mut(part as usize) else { return };
        self.bytes = self.bytes.saturating_sub(*held).saturating_add(bytes);
        *held = bytes;
    }

    /// What the fields of a resource hold, if it is known.
    pub(crate) fn fields(&self, number: u32) -> Option<usize> {
        self.entries.get(&number)?.parts.get(Part::Fields as usize).copied()
    }

    /// Records what fields hold from now on, and what their map has room for; what they have held before stays counted.
    pub(crate) fn set_fields(&mut self, number: u32, bytes: usize, room: usize) {
        let parts = self.entries.get(&number).map_or([0; PARTS], |entry| entry.parts);
        let before = parts[Part::Fields as usize].saturating_add(parts[Part::Room as usize]);
        self.set(number, Part::Fields, bytes);
        self.set(number, Part::Room, before.max(room).saturating_sub(bytes));
    }

    /// Records that a guest writes the body of `owner` with `body`.
    pub(crate) fn begin_body(&mut self, owner: u32, body: u32) {
        self.set(owner, Part::Body, BODY);
        if let Some(entry) = self.entries.get_mut(&owner) {
            entry.body = Some(body);
        }
        self.owners.insert(body, owner);
    }

    /// Records that a body ends, with trailers of this size: they are held with its request or response, if that is still there.
    pub(crate) fn end_body(&mut self, body: u32, trailers: usize) {
        let Some(owner) = self.owners.remove(&body) else { return };
        if let Some(entry) = self.entries.get_mut(&owner) {
            entry.body = None;
            self.set(owner, Part::Trailers, trailers);
        }
    }

    /// Records that `to` holds what `from` held.
    pub(crate) fn pass(&mut self, from: u32, to: u32) {
        if from == to {
            return;
        }
        self.release(to);
        let Some(entry) = self.entries.remove(&from) else { return };
        if let Some(body) = entry.body {
            self.owners.insert(body, to);
        }
        self.entries.insert(to, entry);
    }

    /// Records that a resource is no more.
    pub(crate) fn release(&mut self, number: u32) {
        let Some(entry) = self.entries.remove(&number) else { return };
        self.bytes = self.bytes.saturating_sub(entry.parts.iter().sum());
        if let Some(body) = entry.body {
            self.owners.remove(&body);
        }
    }

    /// Bytes that all of them hold.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }
}

/// The size of fields as the newest Wasmtime counts it: names and values, with what the map takes for each.
pub(crate) fn fields_size(fields: &HeaderMap) -> usize {
    let names = fields.keys().map(|name| name_size(name.as_str().len()));
    names.chain(fields.values().map(|value| value_size(value.len()))).fold(0, usize::saturating_add)
}

/// The bytes that the map of fields has room for. It never has less than before, whatever is removed.
pub(crate) fn room(fields: &HeaderMap) -> usize {
    fields.capacity().saturating_mul(PLACE)
}

/// The part of that size of one name and its values; nothing if there is none.
pub(crate) fn field_size(fields: &HeaderMap, name: &HeaderName) -> usize {
    let values = fields.get_all(name).iter().map(|value| value_size(value.len())).fold(0, usize::saturating_add);
    if fields.contains_key(name) { values.saturating_add(name_size(name.as_str().len())) } else { 0 }
}

/// The bytes of a list of all fields, in which a name is repeated for each of its values.
pub(crate) fn list_size(fields: &HeaderMap) -> usize {
    let entry = size_of::<(String, Vec<u8>)>();
    fields.iter().fold(0_usize, |sum, (name, value)| {
        sum.saturating_add(entry).saturating_add(name.as_str().len()).saturating_add(value.len())
    })
}

/// The size of a name among fields.
pub(crate) fn name_size(bytes: usize) -> usize {
    bytes.saturating_add(size_of::<HeaderName>())
}

/// The size of a value among fields.
pub(crate) fn value_size(bytes: usize) -> usize {
    bytes.saturating_add(size_of::<HeaderValue>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_held_follows_the_resources() {
        let mut held = Held::default();
        held.set(1, Part::Fields, 100);
        held.set(1, Part::Fields, 60);
        held.set(1, Part::Path, 5);
        assert_eq!((held.bytes(), held.fields(1), held.fields(2)), (65, Some(60), None));
        // A request is sent: the future holds it, and then the response.
        held.begin_body(1, 2);
        held.pass(1, 3);
        assert_eq!(held.bytes(), 65 + BODY);
        held.end_body(2, 7);
        assert_eq!(held.bytes(), 72 + BODY);
        held.pass(3, 4);
        held.release(3);
        assert_eq!(held.bytes(), 72 + BODY);
        held.release(4);
        assert_eq!(held.bytes(), 0);
        assert!(held.entries.is_empty() && held.owners.is_empty());
    }

    #[test]
    fn what_was_removed_from_fields_is_held() {
        let mut held = Held::default();
        for (bytes, room, all) in [(100, 0, 100), (20, 0, 100), (60, 0, 100), (130, 0, 130), (0, 0, 130), (5, 150, 150)]
        {
            held.set_fields(1, bytes, room);
            assert_eq!((held.fields(1), held.bytes()), (Some(bytes), all));
        }
        held.pass(1, 2);
        assert_eq!(held.bytes(), 150);
        held.release(2);
        assert_eq!(held.bytes(), 0);
    }

    #[test]
    fn a_copy_has_the_room_of_what_was_removed() {
        let mut fields = HeaderMap::new();
        assert_eq!(room(&fields), 0);
        for index in 0..1_000 {
            fields.append(HeaderName::try_from(format!("name-{index}")).unwrap(), HeaderValue::from_static(""));
        }
        fields.clear();
        assert_eq!(fields_size(&fields), 0);
        assert!(room(&fields) >= 1_000 * (size_of::<HeaderName>() + size_of::<HeaderValue>()), "{}", room(&fields));
        assert_eq!(room(&fields.clone()), room(&fields));
    }

    #[test]
    fn a_body_whose_request_is_gone_holds_nothing() {
        let mut held = Held::default();
        held.begin_body(1, 2);
        held.release(1);
        // The number is given to another resource.
        held.set(1, Part::Fields, 10);
        held.end_body(2, 1 << 20);
        assert_eq!(held.bytes(), 10);
        held.pass(9, 1);
        assert_eq!(held.bytes(), 0);
    }

    #[test]
    fn names_and_values_have_a_size() {
        let mut fields = HeaderMap::new();
        assert_eq!((fields_size(&fields), list_size(&fields)), (0, 0));
        fields.append("a", HeaderValue::from_static("xyz"));
        fields.append("a", HeaderValue::from_static(""));
        assert_eq!(fields_size(&fields), name_size(1) + value_size(3) + value_size(0));
        assert_eq!(field_size(&fields, &HeaderName::from_static("a")), fields_size(&fields));
        assert_eq!(field_size(&fields, &HeaderName::from_static("b")), 0);
        assert_eq!(list_size(&fields), 5 + 2 * size_of::<(String, Vec<u8>)>());
    }
}
