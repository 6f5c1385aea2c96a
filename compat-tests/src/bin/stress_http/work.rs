//! Owns the kinds of requests, and the response that each must have. The guest is `compat_tests::http::handler`.

/// A kind of request.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Kind {
    /// The guest sends the body of the request back.
    Echo,
    /// The guest responds with what it sees of the request.
    See,
    /// The guest responds slowly.
    Slow,
    Trap,
    Silent,
    Code,
    Informational,
    TrapAfterwards,
    Twice,
    Loop,
    /// The guest loops after a whole response.
    GoOn,
    GoneWhileSending,
    GoneWhileReading,
    GoneBeforeResponse,
    GoneFromSlow,
}

/// The kinds, and how many of 1000 requests are of each, but for two: guests that loop keep a processor busy.
const KINDS: &[(Kind, &str, u64)] = &[
    (Kind::Echo, "echo", 500),
    (Kind::See, "see", 257),
    (Kind::Slow, "slow stream", 80),
    (Kind::Trap, "trap", 40),
    (Kind::Silent, "no response", 20),
    (Kind::Code, "error code", 20),
    (Kind::Informational, "status 101", 10),
    (Kind::TrapAfterwards, "trap after a part", 15),
    (Kind::Twice, "two responses", 10),
    (Kind::Loop, "loop", 0),
    (Kind::GoOn, "loop after the response", 0),
    (Kind::GoneWhileSending, "client gone while sending", 18),
    (Kind::GoneWhileReading, "client gone while reading", 15),
    (Kind::GoneBeforeResponse, "client gone before the response", 8),
    (Kind::GoneFromSlow, "client gone from a slow stream", 7),
];

/// A request, and what must come of it.
pub(crate) struct Request {
    pub(crate) method: &'static str,
    pub(crate) target: String,
    pub(crate) body: Vec<u8>,
    /// Whether the connection ends with the response.
    pub(crate) closes: bool,
    pub(crate) status: u16,
    /// The body of the response, where it is known.
    pub(crate) expected: Option<Vec<u8>>,
    pub(crate) is_cut: bool,
    /// The part of the exchange after which the client goes away.
    pub(crate) goes_away_after: Option<Part>,
}

/// A part of an exchange.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Part {
    /// Half of the body of the request.
    HalfOfRequest,
    Request,
    /// The first bytes of the response.
    StartOfResponse,
}

impl Kind {
    /// The kind of the request with this number. A thousand requests in a row have all kinds.
    pub(crate) fn of(number: u64) -> Self {
        match number % 1000 {
            7 => return Self::Loop,
            13 => return Self::GoOn,
            _ => {}
        }
        // 617 has no factor in common with 1000, so that the kinds are mixed.
        let mut place = number * 617 % 1000;
        for &(kind, _, count) in KINDS {
            if place < count {
                return kind;
            }
            place -= count;
        }
        Self::Echo
    }

    pub(crate) fn name(self) -> &'static str {
        KINDS.iter().find(|(kind, ..)| *kind == self).map_or("", |(_, name, _)| name)
    }
}

/// The request with this number.
pub(crate) fn request(kind: Kind, number: u64) -> Request {
    let letter = match kind {
        Kind::Echo | Kind::GoneWhileSending | Kind::GoneWhileReading => "e",
        Kind::See => "s",
        Kind::Slow | Kind::GoneFromSlow => "w",
        Kind::Trap => "t",
        Kind::Silent => "n",
        Kind::Code => "c",
        Kind::Informational => "101",
        Kind::TrapAfterwards => "T",
        Kind::Twice => "2",
        Kind::Loop | Kind::GoneBeforeResponse => "l",
        Kind::GoOn => "k",
    };
    let target = format!("/{letter}?{number}");
    let body = match kind {
        Kind::Echo => bytes(number, usize::try_from(number * 7919 % 60_000).unwrap_or(0)),
        Kind::GoneWhileSending | Kind::GoneWhileReading => bytes(number, 200_000),
        _ => Vec::new(),
    };
    let (status, expected) = match kind {
        Kind::Echo => (201, Some(body.clone())),
        Kind::See => (200, Some(format!("0\n0\nlocalhost\n{target}\n\n").into_bytes())),
        Kind::Slow => (200, Some(target.repeat(5).into_bytes())),
        Kind::Trap | Kind::Silent => (500, None),
        Kind::Code | Kind::Informational => (502, None),
        Kind::TrapAfterwards | Kind::Twice => (200, None),
        Kind::Loop => (504, None),
        Kind::GoOn => (200, Some(b"hello".to_vec())),
        _ => (0, None),
    };
    Request {
        method: if body.is_empty() { "GET" } else { "POST" },
        target,
        body,
        closes: number % 20 == 19,
        status,
        expected,
        is_cut: matches!(kind, Kind::TrapAfterwards | Kind::Twice),
        goes_away_after: match kind {
            Kind::GoneWhileSending => Some(Part::HalfOfRequest),
            Kind::GoneBeforeResponse => Some(Part::Request),
            Kind::GoneWhileReading | Kind::GoneFromSlow => Some(Part::StartOfResponse),
            _ => None,
        },
    }
}

/// Bytes that differ from request to request.
fn bytes(number: u64, length: usize) -> Vec<u8> {
    let mut state = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    };
    let mut bytes: Vec<u8> = Vec::with_capacity(length + 8);
    while bytes.len() < length {
        bytes.extend(next());
    }
    bytes.truncate(length);
    bytes
}
