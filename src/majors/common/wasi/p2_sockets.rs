//! The methods of sockets: what they make counts as a resource of the store, and lists of datagrams are measured while they
//! are read. So are the names that a guest looks up. A linker takes an interface as a whole, so every function of these is here; those without a check are
//! handed on. Part of `p2_calls`, whose seams say which of the functions that check an address are async.

use super::super::{
    instance_network, ip_name_lookup, network, sockets, tcp, tcp_create_socket, udp, udp_create_socket,
};
use super::{
    Argument, Input, LinkerInstance, Output, Pollable, Resource, ResourceType, Result, Socketed, StoreContextMut,
    StoreData, WasmList, WasmStr, copied, in_tokio, room,
};
use crate::bounds::Data;
use crate::wasi::calls;

use ip_name_lookup::HostResolveAddressStream as Names;
use tcp::HostTcpSocket as Tcp;
use udp::{
    HostIncomingDatagramStream as Receiving, HostOutgoingDatagramStream as Sending, HostUdpSocket as Udp,
    IncomingDatagram, OutgoingDatagram,
};

type Address = network::IpSocketAddress;
type Family = network::IpAddressFamily;
type Network = Resource<network::Network>;
type TcpSocket = Resource<tcp::TcpSocket>;
type UdpSocket = Resource<udp::UdpSocket>;
type NameStream = Resource<ip_name_lookup::ResolveAddressStream>;
type Receiver = Resource<udp::IncomingDatagramStream>;
type Sender = Resource<udp::OutgoingDatagramStream>;

/// Methods that are handed on as they are.
macro_rules! handed_on {
    ($interface:ident $is_async:ident $trait:ident $socket:ident:
        $($name:literal $method:ident ($($arg:ident: $type:ty),*) -> $result:ty;)*) => {
        functions! { $interface $is_async data:
            $(sync $name(socket: $socket $(, $arg: $type)*) -> Socketed<$result> =
                socketed!(data, $trait::$method(&mut sockets(data), socket $(, $arg)*));)*
        }
    };
}

makers! {
    link_network "instance-network"() -> Resource<instance_network::Network> =
        |data| instance_network::Host::instance_network(&mut sockets(data))?;
    link_create_tcp "create-tcp-socket"(family: network::IpAddressFamily) -> Socketed<Resource<tcp_create_socket::TcpSocket>> =
        |data| if data.network().tcp {
            socketed!(data, tcp_create_socket::Host::create_tcp_socket(&mut sockets(data), family))
        } else {
            Err(network::ErrorCode::AccessDenied)
        };
    link_create_udp "create-udp-socket"(family: network::IpAddressFamily) -> Socketed<Resource<udp_create_socket::UdpSocket>> =
        |data| if data.network().udp {
            socketed!(data, udp_create_socket::Host::create_udp_socket(&mut sockets(data), family))
        } else {
            Err(network::ErrorCode::AccessDenied)
        };
}

pub(super) fn link_tcp<T: Data + Send>(interface: &mut LinkerInstance<'_, StoreData<T>>, is_async: bool) -> Result<()> {
    interface.resource("tcp-socket", ResourceType::host::<tcp::TcpSocket>(), |mut context, index| {
        Tcp::drop(&mut sockets(context.data_mut()), Resource::new_own(index))
    })?;
    functions! { interface is_async data:
        async "[method]tcp-socket.start-bind"(socket: TcpSocket, network: Network, address: Address) -> Socketed<()> =
            socketed!(data, checked_address!(Tcp::start_bind(&mut sockets(data), socket, network, address)));
        async "[method]tcp-socket.start-connect"(socket: TcpSocket, network: Network, address: Address) -> Socketed<()> =
            socketed!(data, checked_address!(Tcp::start_connect(&mut sockets(data), socket, network, address)));
        sync "[method]tcp-socket.finish-connect"(socket: TcpSocket) -> Socketed<(Input, Output)> = {
            room(data)?;
            socketed!(data, Tcp::finish_connect(&mut sockets(data), socket))
        };
        sync "[method]tcp-socket.accept"(socket: TcpSocket) -> Socketed<(TcpSocket, Input, Output)> = {
            room(data)?;
            socketed!(data, Tcp::accept(&mut sockets(data), socket))
        };
        sync "[method]tcp-socket.subscribe"(socket: TcpSocket) -> Pollable = {
            room(data)?;
            Tcp::subscribe(&mut sockets(data), socket)?
        };
        sync "[method]tcp-socket.is-listening"(socket: TcpSocket) -> bool = Tcp::is_listening(&mut sockets(data), socket)?;
        sync "[method]tcp-socket.address-family"(socket: TcpSocket) -> Family =
            Tcp::address_family(&mut sockets(data), socket)?;
    }
    handed_on! { interface is_async Tcp TcpSocket:
        "[method]tcp-socket.finish-bind" finish_bind() -> ();
        "[method]tcp-socket.start-listen" start_listen() -> ();
        "[method]tcp-socket.finish-listen" finish_listen() -> ();
        "[method]tcp-socket.local-address" local_address() -> Address;
        "[method]tcp-socket.remote-address" remote_address() -> Address;
        "[method]tcp-socket.set-listen-backlog-size" set_listen_backlog_size(value: u64) -> ();
        "[method]tcp-socket.keep-alive-enabled" keep_alive_enabled() -> bool;
        "[method]tcp-socket.set-keep-alive-enabled" set_keep_alive_enabled(value: bool) -> ();
        "[method]tcp-socket.keep-alive-idle-time" keep_alive_idle_time() -> u64;
        "[method]tcp-socket.set-keep-alive-idle-time" set_keep_alive_idle_time(value: u64) -> ();
        "[method]tcp-socket.keep-alive-interval" keep_alive_interval() -> u64;
        "[method]tcp-socket.set-keep-alive-interval" set_keep_alive_interval(value: u64) -> ();
        "[method]tcp-socket.keep-alive-count" keep_alive_count() -> u32;
        "[method]tcp-socket.set-keep-alive-count" set_keep_alive_count(value: u32) -> ();
        "[method]tcp-socket.hop-limit" hop_limit() -> u8;
        "[method]tcp-socket.set-hop-limit" set_hop_limit(value: u8) -> ();
        "[method]tcp-socket.receive-buffer-size" receive_buffer_size() -> u64;
        "[method]tcp-socket.set-receive-buffer-size" set_receive_buffer_size(value: u64) -> ();
        "[method]tcp-socket.send-buffer-size" send_buffer_size() -> u64;
        "[method]tcp-socket.set-send-buffer-size" set_send_buffer_size(value: u64) -> ();
        "[method]tcp-socket.shutdown" shutdown(how: tcp::ShutdownType) -> ();
    }
    Ok(())
}

/// The datagrams of a list, which are copied one by one and counted before the next.
fn datagrams<T: Data + Send>(
    context: &mut StoreContextMut<'_, StoreData<T>>,
    list: &WasmList<OutgoingDatagram>,
) -> Result<Vec<OutgoingDatagram>> {
    let mut bytes = list.len().saturating_mul(size_of::<OutgoingDatagram>());
    copied(context.data(), bytes)?;
    let mut datagrams = Vec::new();
    for index in 0..list.len() {
        let Some(datagram) = list.get(&mut *context, index) else { break };
        let datagram = datagram?;
        bytes = bytes.saturating_add(datagram.data.len());
        copied(context.data(), bytes)?;
        datagrams.push(datagram);
    }
    Ok(datagrams)
}

/// The datagrams that are there, one by one: as many as the newest major returns at once.
fn receive<T: Data + Send>(
    data: &mut StoreData<T>,
    stream: &Receiver,
    most: u64,
) -> Result<Socketed<Vec<IncomingDatagram>>> {
    let (mut datagrams, mut bytes) = (Vec::new(), 0);
    while calls::has_room_for_datagram(datagrams.len(), most, bytes) {
        let stream = Resource::new_borrow(stream.rep());
        match socketed!(data, Receiving::receive(&mut sockets(data), stream, 1)) {
            Ok(next) if next.is_empty() => break,
            Ok(next) => {
                bytes = next.iter().fold(bytes, |sum: usize, datagram| sum.saturating_add(1 + datagram.data.len()));
                datagrams.extend(next);
            }
            Err(_) if !datagrams.is_empty() => break,
            Err(error) => return Ok(Err(error)),
        }
    }
    Ok(Ok(datagrams))
}

pub(super) fn link_udp<T: Data + Send>(interface: &mut LinkerInstance<'_, StoreData<T>>, is_async: bool) -> Result<()> {
    interface.resource("udp-socket", ResourceType::host::<udp::UdpSocket>(), |mut context, index| {
        Udp::drop(&mut sockets(context.data_mut()), Resource::new_own(index))
    })?;
    interface.resource(
        "incoming-datagram-stream",
        ResourceType::host::<udp::IncomingDatagramStream>(),
        |mut context, index| Receiving::drop(&mut sockets(context.data_mut()), Resource::new_own(index)),
    )?;
    interface.resource(
        "outgoing-datagram-stream",
        ResourceType::host::<udp::OutgoingDatagramStream>(),
        |mut context, index| Sending::drop(&mut sockets(context.data_mut()), Resource::new_own(index)),
    )?;
    functions! { interface is_async data:
        async "[method]udp-socket.start-bind"(socket: UdpSocket, network: Network, address: Address) -> Socketed<()> =
            socketed!(data, checked_address!(Udp::start_bind(&mut sockets(data), socket, network, address)));
        async "[method]udp-socket.stream"(socket: UdpSocket, remote: Option<Address>) -> Socketed<(Receiver, Sender)> = {
            room(data)?;
            socketed!(data, checked_address!(Udp::stream(&mut sockets(data), socket, remote)))
        };
        sync "[method]udp-socket.address-family"(socket: UdpSocket) -> Family =
            Udp::address_family(&mut sockets(data), socket)?;
        sync "[method]udp-socket.subscribe"(socket: UdpSocket) -> Pollable = {
            room(data)?;
            Udp::subscribe(&mut sockets(data), socket)?
        };
        sync "[method]incoming-datagram-stream.receive"(stream: Receiver, most: u64) -> Socketed<Vec<IncomingDatagram>> =
            receive(data, &stream, most)?;
        sync "[method]incoming-datagram-stream.subscribe"(stream: Receiver) -> Pollable = {
            room(data)?;
            Receiving::subscribe(&mut sockets(data), stream)?
        };
        sync "[method]outgoing-datagram-stream.check-send"(stream: Sender) -> Socketed<u64> =
            socketed!(data, Sending::check_send(&mut sockets(data), stream));
        sync "[method]outgoing-datagram-stream.subscribe"(stream: Sender) -> Pollable = {
            room(data)?;
            Sending::subscribe(&mut sockets(data), stream)?
        };
    }
    handed_on! { interface is_async Udp UdpSocket:
        "[method]udp-socket.finish-bind" finish_bind() -> ();
        "[method]udp-socket.local-address" local_address() -> Address;
        "[method]udp-socket.remote-address" remote_address() -> Address;
        "[method]udp-socket.unicast-hop-limit" unicast_hop_limit() -> u8;
        "[method]udp-socket.set-unicast-hop-limit" set_unicast_hop_limit(value: u8) -> ();
        "[method]udp-socket.receive-buffer-size" receive_buffer_size() -> u64;
        "[method]udp-socket.set-receive-buffer-size" set_receive_buffer_size(value: u64) -> ();
        "[method]udp-socket.send-buffer-size" send_buffer_size() -> u64;
        "[method]udp-socket.set-send-buffer-size" set_send_buffer_size(value: u64) -> ();
    }
    macro_rules! send {
        ($context:ident, $stream:ident, $list:ident) => {{
            let datagrams = datagrams(&mut $context, &$list)?;
            let data = $context.data_mut();
            Ok((socketed!(data, checked_address!(Sending::send(&mut sockets(data), $stream, datagrams))),))
        }};
    }
    type Datagrams = (Sender, WasmList<OutgoingDatagram>);
    let name = "[method]outgoing-datagram-stream.send";
    if is_async {
        interface.func_wrap_async(
            name,
            |mut context: StoreContextMut<'_, StoreData<T>>, (stream, list): Datagrams| {
                Box::new(async move { send!(context, stream, list) })
            },
        )?;
    } else {
        interface.func_wrap(
            name,
            |mut context: StoreContextMut<'_, StoreData<T>>, (stream, list): Datagrams| -> Result<(Socketed<u64>,)> {
                in_tokio(async { send!(context, stream, list) })
            },
        )?;
    }
    Ok(())
}

pub(super) fn link_lookup<T: Data + Send>(
    interface: &mut LinkerInstance<'_, StoreData<T>>,
    is_async: bool,
) -> Result<()> {
    let _ = is_async;
    interface.resource(
        "resolve-address-stream",
        ResourceType::host::<ip_name_lookup::ResolveAddressStream>(),
        |mut context, index| Names::drop(&mut sockets(context.data_mut()), Resource::new_own(index)),
    )?;
    functions! { interface is_async data:
        sync "resolve-addresses"(network: Network, name: WasmStr) [name] -> Socketed<NameStream> = {
            room(data)?;
            socketed!(data, ip_name_lookup::Host::resolve_addresses(&mut sockets(data), network, name))
        };
        sync "[method]resolve-address-stream.resolve-next-address"(
            stream: NameStream
        ) -> Socketed<Option<network::IpAddress>> =
            socketed!(data, Names::resolve_next_address(&mut sockets(data), stream));
        sync "[method]resolve-address-stream.subscribe"(stream: NameStream) -> Pollable = {
            room(data)?;
            Names::subscribe(&mut sockets(data), stream)?
        };
    }
    Ok(())
}
