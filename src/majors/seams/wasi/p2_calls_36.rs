//! Checked WASI 0.2 calls, 36: Wasmtime checks them itself (see `p1_calls_24.rs` for the limits). Waiting
//! for clocks is defined here; the clocks are implemented by the view of the whole context. Alone of all majors it makes sockets
//! without a network, which is refused here.

use super::MAJOR;
use super::names::bindings::sockets::{network, tcp_create_socket, udp_create_socket};
use super::names::{WasiCtxView, WasiView as _};
use super::wasmtime::component::{Linker, Resource};
use super::wasmtime::{Result, StoreContextMut};
use super::whole::{StoreData, link_clock_alone};
use crate::bounds::Data;

type Created<R> = Result<(Result<Resource<R>, network::ErrorCode>,)>;

/// Defines the function that makes sockets of a protocol.
macro_rules! create {
    ($linker:ident $wasi:ident: $interface:ident $protocol:ident $name:literal $function:ident $socket:ident) => {
        $linker.instance(&format!("wasi:sockets/{}@{}", $name, $wasi))?.func_wrap(
            concat!("create-", stringify!($protocol), "-socket"),
            |mut context: StoreContextMut<'_, StoreData<T>>,
             (family,): (network::IpAddressFamily,)|
             -> Created<$interface::$socket> {
                let data = context.data_mut();
                if !data.network().$protocol {
                    return Ok((Err(network::ErrorCode::AccessDenied),));
                }
                let created = data.ctx().$function(family);
                Ok((match created {
                    Ok(socket) => Ok(socket),
                    Err(error) => Err(network::Host::convert_error_code(&mut data.ctx(), error)?),
                },))
            },
        )?
    };
}

pub(super) fn link<T: Data + Send>(linker: &mut Linker<StoreData<T>>, is_async: bool) -> Result<()> {
    use tcp_create_socket::Host as _;
    use udp_create_socket::Host as _;

    link_clock_alone(linker, is_async)?;
    let wasi = crate::report::hosted_p2(MAJOR);
    linker.allow_shadowing(true);
    create!(linker wasi: tcp_create_socket tcp "tcp-create-socket" create_tcp_socket TcpSocket);
    create!(linker wasi: udp_create_socket udp "udp-create-socket" create_udp_socket UdpSocket);
    linker.allow_shadowing(false);
    Ok(())
}

/// What implements the clocks.
pub(super) fn clocks<T: Data + Send>(data: &mut StoreData<T>) -> WasiCtxView<'_> {
    data.ctx()
}

/// Wasmtime's table has a limit of its own.
pub(super) fn room<T>(_: &mut StoreData<T>) -> Result<()> {
    Ok(())
}
