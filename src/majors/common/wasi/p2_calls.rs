//! The WASI 0.2 interfaces whose calls are checked before Wasmtime sees them, on the majors that do not check them
//! themselves. A linker takes an interface as a whole, so every function of such an interface is here; those without a
//! check are handed on. Mounted by the seams `p2_calls`, which say what drifted: where the traits are, what implements
//! them, and which of their functions are async.

use super::super::MAJOR;
use super::super::lists;
use super::super::names::in_tokio;
use super::super::view;
use super::super::wasmtime::component::{Linker, LinkerInstance, Resource, ResourceType, WasmList, WasmStr};
use super::super::wasmtime::{AsContextMut as _, Error, Result, StoreContextMut};
use super::super::whole::{StoreData, link_clock};
use super::{
    cli, filesystem, fs, insecure, io, network, poll, preopens, random, random_of, stderr, stdin, stdout, streams,
    terminal_stderr, terminal_stdin, terminal_stdout,
};
use crate::bounds::Data;
use crate::wasi::calls::{self, Refused};

use filesystem::{HostDescriptor as Files, HostDirectoryEntryStream as Entries};
use poll::HostPollable as Pollables;
use streams::{HostInputStream as In, HostOutputStream as Out};

type Input = Resource<streams::InputStream>;
type Output = Resource<streams::OutputStream>;
type Pollable = Resource<poll::Pollable>;
type Descriptor = Resource<filesystem::Descriptor>;

/// Defines functions of an interface. `sync` ones never wait; `async` ones do, on the engine's fiber or on the thread. The
/// arguments in brackets are measured in the guest's memory, all together, before they are copied.
macro_rules! functions {
    ($interface:ident $is_async:ident $data:ident:
        $($kind:ident $name:literal ($($arg:ident: $type:ty),*) $([$($text:ident),*])? $(-> $result:ty)? = $body:expr;)*) => {
        $(functions!(@$kind $interface $is_async $data $name ($($arg: $type),*) [$($($text),*)?] ($($result)?) $body);)*
    };
    (@sync $interface:ident $is_async:ident $data:ident $name:literal ($($arg:ident: $type:ty),*) [$($text:ident),*] ($($result:ty)?) $body:expr) => {
        $interface.func_wrap(
            $name,
            |mut context: StoreContextMut<'_, StoreData<T>>, ($($arg,)*): ($($type,)*)| -> Result<($($result,)?)> {
                functions!(@copied context $($text)*);
                let $data = context.data_mut();
                let returned: ($($result,)?) = functions!(@returned ($($result)?) $body);
                context.data().in_time()?;
                Ok(returned)
            },
        )?;
    };
    (@async $interface:ident $is_async:ident $data:ident $name:literal ($($arg:ident: $type:ty),*) [$($text:ident),*] ($($result:ty)?) $body:expr) => {
        if $is_async {
            $interface.func_wrap_async(
                $name,
                |mut context: StoreContextMut<'_, StoreData<T>>, ($($arg,)*): ($($type,)*)| {
                    Box::new(async move {
                        functions!(@copied context $($text)*);
                        let $data = context.data_mut();
                        let returned: ($($result,)?) = functions!(@returned ($($result)?) $body);
                        context.data().in_time()?;
                        Ok(returned)
                    })
                },
            )?;
        } else {
            $interface.func_wrap(
                $name,
                |mut context: StoreContextMut<'_, StoreData<T>>, ($($arg,)*): ($($type,)*)| -> Result<($($result,)?)> {
                    in_tokio(async {
                        functions!(@copied context $($text)*);
                        let $data = context.data_mut();
                        let returned: ($($result,)?) = functions!(@returned ($($result)?) $body);
                        context.data().in_time()?;
                        Ok(returned)
                    })
                },
            )?;
        }
    };
    (@copied $context:ident) => {};
    (@copied $context:ident $($text:ident)+) => {
        let mut bytes = 0;
        $(let $text = Argument::copied($text, &$context, &mut bytes)?;)+
    };
    (@returned () $body:expr) => {
        $body
    };
    (@returned ($result:ty) $body:expr) => {
        ($body,)
    };
}

/// A stream's result as the guest sees it.
macro_rules! streamed {
    ($data:ident, $result:expr) => {
        match $result {
            Ok(value) => Ok(value),
            Err(error) => {
                let error = streams::Host::convert_stream_error(&mut io($data), error)?;
                if let streams::StreamError::LastOperationFailed(error) = &error {
                    counted($data, error.rep())?;
                }
                Err(error)
            }
        }
    };
}

/// A file's result as the guest sees it.
macro_rules! filed {
    ($data:ident, $result:expr) => {
        match $result {
            Ok(value) => Ok(value),
            Err(error) => Err(filesystem::Host::convert_error_code(&mut fs($data), error)?),
        }
    };
}

/// A socket's result as the guest sees it.
macro_rules! socketed {
    ($data:ident, $result:expr) => {
        match $result {
            Ok(value) => Ok(value),
            Err(error) => Err(network::Host::convert_error_code(&mut sockets($data), error)?),
        }
    };
}

/// The bytes that a stream takes: of a file as many as in the newest, up to 47 sixteen times as many.
macro_rules! permitted {
    ($data:ident, $number:expr) => {{
        let number = $number;
        let is_file = $data.state_mut().file_streams.contains(&number);
        let permit = Out::check_write(&mut io($data), Resource::new_borrow(number));
        permit.map(|permit| if is_file { calls::file_write(permit) } else { permit })
    }};
}

#[path = "p2_checks.rs"]
mod p2_checks;

pub(in super::super) use p2_checks::room;
use p2_checks::{Argument, copied, counted, is_directory, randoms, timely, unwritable};

type Streamed<V> = Result<V, streams::StreamError>;
type Code = filesystem::ErrorCode;
type Filed<V> = Result<V, Code>;
type Socketed<V> = Result<V, network::ErrorCode>;

pub(in super::super) fn link<T: Data + Send>(linker: &mut Linker<StoreData<T>>, is_async: bool) -> Result<()> {
    let wasi = crate::report::hosted_p2(MAJOR);
    linker.allow_shadowing(true);
    let mut interface = |name: &str, define: Define<T>| -> Result<()> {
        define(&mut linker.instance(&format!("wasi:{name}@{wasi}"))?, is_async)
    };
    interface("io/poll", link_poll)?;
    interface("io/streams", link_streams)?;
    interface("clocks/monotonic-clock", link_clock)?;
    interface("random/random", link_random)?;
    interface("random/insecure", link_insecure)?;
    interface("filesystem/types", link_filesystem)?;
    interface("filesystem/preopens", link_preopens)?;
    interface("cli/stdin", link_stdin)?;
    interface("cli/stdout", link_stdout)?;
    interface("cli/stderr", link_stderr)?;
    interface("cli/terminal-stdin", link_terminal_stdin)?;
    interface("cli/terminal-stdout", link_terminal_stdout)?;
    interface("cli/terminal-stderr", link_terminal_stderr)?;
    interface("sockets/instance-network", p2_sockets::link_network)?;
    interface("sockets/tcp-create-socket", p2_sockets::link_create_tcp)?;
    interface("sockets/udp-create-socket", p2_sockets::link_create_udp)?;
    interface("sockets/tcp", p2_sockets::link_tcp)?;
    interface("sockets/udp", p2_sockets::link_udp)?;
    interface("sockets/ip-name-lookup", p2_sockets::link_lookup)?;
    linker.allow_shadowing(false);
    Ok(())
}

type Define<T> = fn(&mut LinkerInstance<'_, StoreData<T>>, bool) -> Result<()>;

/// Drops the pollable of this number, and the stream it was made for, if there is one.
#[allow(dead_code, reason = "only majors with polls that leave something behind ask for it")]
pub(in super::super) fn drop_pollable<T: Data + Send>(data: &mut StoreData<T>, number: u32) {
    let pollable = Pollable::new_own(number);
    if view::table(data.wasi_mut()).get(&pollable).is_ok() {
        let _ = Pollables::drop(&mut io(data), pollable);
    }
}

fn link_poll<T: Data + Send>(interface: &mut LinkerInstance<'_, StoreData<T>>, is_async: bool) -> Result<()> {
    interface.resource("pollable", ResourceType::host::<poll::Pollable>(), |mut context, index| {
        Pollables::drop(&mut io(context.data_mut()), Resource::new_own(index))
    })?;
    functions! { interface is_async data:
        async "[method]pollable.ready"(pollable: Pollable) -> bool = Pollables::ready(&mut io(data), pollable).await?;
        async "[method]pollable.block"(pollable: Pollable) = Pollables::block(&mut io(data), pollable).await?;
    }
    // The list is looked at before it is read: each of its elements takes many times its four bytes in the host. With an
    // empty one 18 waits for ever.
    macro_rules! poll_list {
        ($context:ident, $list:ident) => {{
            copied($context.data(), $list.len().saturating_mul(size_of::<Pollable>()))?;
            let pollables = lists::items(&$list, $context.as_context_mut())?;
            calls::pollables(pollables.len()).map_err(Error::new)?;
            Ok((poll::Host::poll(&mut io($context.data_mut()), pollables).await?,))
        }};
    }
    if is_async {
        interface.func_wrap_async(
            "poll",
            |mut context: StoreContextMut<'_, StoreData<T>>, (list,): (WasmList<Pollable>,)| {
                Box::new(async move { poll_list!(context, list) })
            },
        )?;
    } else {
        interface.func_wrap(
            "poll",
            |mut context: StoreContextMut<'_, StoreData<T>>, (list,): (WasmList<Pollable>,)| -> Result<(Vec<u32>,)> {
                in_tokio(async { poll_list!(context, list) })
            },
        )?;
    }
    Ok(())
}

/// A new stream into a file.
fn into_file<T>(data: &mut StoreData<T>, stream: Filed<Output>) -> Filed<Output> {
    if let Ok(stream) = &stream {
        data.state_mut().file_streams.insert(stream.rep());
    }
    stream
}

fn link_streams<T: Data + Send>(interface: &mut LinkerInstance<'_, StoreData<T>>, is_async: bool) -> Result<()> {
    interface.resource("error", ResourceType::host::<streams::Error>(), |mut context, index| {
        super::drop_error(context.data_mut(), Resource::new_own(index))
    })?;
    drop_stream!(interface, is_async, "input-stream", streams::InputStream, streams::HostInputStream);
    drop_stream!(interface, is_async, "output-stream", streams::OutputStream, streams::HostOutputStream);
    functions! { interface is_async data:
        async "[method]input-stream.read"(stream: Input, length: u64) -> Streamed<Vec<u8>> =
            streamed!(data, read_stream!(In::read(&mut io(data), stream, calls::read(length))));
        async "[method]input-stream.blocking-read"(stream: Input, length: u64) -> Streamed<Vec<u8>> =
            streamed!(data, In::blocking_read(&mut io(data), stream, calls::read(length)).await);
        async "[method]input-stream.skip"(stream: Input, length: u64) -> Streamed<u64> =
            streamed!(data, read_stream!(In::skip(&mut io(data), stream, calls::read(length))));
        async "[method]input-stream.blocking-skip"(stream: Input, length: u64) -> Streamed<u64> =
            streamed!(data, In::blocking_skip(&mut io(data), stream, calls::read(length)).await);
        sync "[method]input-stream.subscribe"(stream: Input) -> Pollable = {
            room(data)?;
            In::subscribe(&mut io(data), stream)?
        };
        sync "[method]output-stream.check-write"(stream: Output) -> Streamed<u64> =
            streamed!(data, permitted!(data, stream.rep()));
        sync "[method]output-stream.write"(stream: Output, bytes: WasmList<u8>) [bytes] -> Streamed<()> = {
            streamed!(data, Out::write(&mut io(data), stream, bytes))
        };
        async "[method]output-stream.blocking-write-and-flush"(stream: Output, bytes: WasmList<u8>) [bytes] -> Streamed<()> = {
            streamed!(data, Out::blocking_write_and_flush(&mut io(data), stream, bytes).await)
        };
        sync "[method]output-stream.flush"(stream: Output) -> Streamed<()> = streamed!(data, Out::flush(&mut io(data), stream));
        async "[method]output-stream.blocking-flush"(stream: Output) -> Streamed<()> =
            streamed!(data, Out::blocking_flush(&mut io(data), stream).await);
        sync "[method]output-stream.subscribe"(stream: Output) -> Pollable = {
            room(data)?;
            Out::subscribe(&mut io(data), stream)?
        };
        sync "[method]output-stream.write-zeroes"(stream: Output, length: u64) -> Streamed<()> = {
            match permitted!(data, stream.rep()) {
                Ok(permit) if length > permit => return Err(Error::new(Refused::Zeroes)),
                Ok(_) => streamed!(data, Out::write_zeroes(&mut io(data), stream, length)),
                refused => streamed!(data, refused.map(|_| ())),
            }
        };
        async "[method]output-stream.blocking-write-zeroes-and-flush"(stream: Output, length: u64) -> Streamed<()> =
            streamed!(data, Out::blocking_write_zeroes_and_flush(&mut io(data), stream, length).await);
        async "[method]output-stream.splice"(stream: Output, source: Input, length: u64) -> Streamed<u64> =
            streamed!(data, read_stream!(Out::splice(&mut io(data), stream, source, calls::read(length))));
        async "[method]output-stream.blocking-splice"(stream: Output, source: Input, length: u64) -> Streamed<u64> =
            streamed!(data, Out::blocking_splice(&mut io(data), stream, source, calls::read(length)).await);
    }
    Ok(())
}

fn link_random<T: Data + Send>(interface: &mut LinkerInstance<'_, StoreData<T>>, is_async: bool) -> Result<()> {
    let _ = is_async;
    functions! { interface is_async data:
        sync "get-random-bytes"(length: u64) -> Vec<u8> = {
            randoms(data, length)?;
            random::Host::get_random_bytes(&mut random_of(data), length)?
        };
        sync "get-random-u64"() -> u64 = random::Host::get_random_u64(&mut random_of(data))?;
    }
    Ok(())
}

fn link_insecure<T: Data + Send>(interface: &mut LinkerInstance<'_, StoreData<T>>, is_async: bool) -> Result<()> {
    let _ = is_async;
    functions! { interface is_async data:
        sync "get-insecure-random-bytes"(length: u64) -> Vec<u8> = {
            randoms(data, length)?;
            insecure::Host::get_insecure_random_bytes(&mut random_of(data), length)?
        };
        sync "get-insecure-random-u64"() -> u64 = insecure::Host::get_insecure_random_u64(&mut random_of(data))?;
    }
    Ok(())
}

fn link_filesystem<T: Data + Send>(interface: &mut LinkerInstance<'_, StoreData<T>>, is_async: bool) -> Result<()> {
    interface.resource("descriptor", ResourceType::host::<filesystem::Descriptor>(), |mut context, index| {
        Files::drop(&mut fs(context.data_mut()), Resource::new_own(index))
    })?;
    interface.resource(
        "directory-entry-stream",
        ResourceType::host::<filesystem::DirectoryEntryStream>(),
        |mut context, index| Entries::drop(&mut fs(context.data_mut()), Resource::new_own(index)),
    )?;
    functions! { interface is_async data:
        sync "[method]descriptor.read-via-stream"(fd: Descriptor, offset: u64) -> Filed<Input> = {
            room(data)?;
            let number = fd.rep();
            match filed!(data, Files::read_via_stream(&mut fs(data), fd, offset)) {
                Err(Code::BadDescriptor) if is_directory(data, number) => Err(Code::IsDirectory),
                result => result,
            }
        };
        sync "[method]descriptor.write-via-stream"(fd: Descriptor, offset: u64) -> Filed<Output> = {
            room(data)?;
            let number = fd.rep();
            let stream = filed!(data, Files::write_via_stream(&mut fs(data), fd, offset));
            into_file(data, stream).map_err(|error| unwritable(data, number, error))
        };
        sync "[method]descriptor.append-via-stream"(fd: Descriptor) -> Filed<Output> = {
            room(data)?;
            let number = fd.rep();
            let stream = filed!(data, Files::append_via_stream(&mut fs(data), fd));
            into_file(data, stream).map_err(|error| unwritable(data, number, error))
        };
        async "[method]descriptor.advise"(
            fd: Descriptor, offset: u64, length: u64, advice: filesystem::Advice
        ) -> Filed<()> = filed!(data, Files::advise(&mut fs(data), fd, offset, length, advice).await);
        async "[method]descriptor.sync-data"(fd: Descriptor) -> Filed<()> = filed!(data, Files::sync_data(&mut fs(data), fd).await);
        async "[method]descriptor.get-flags"(fd: Descriptor) -> Filed<filesystem::DescriptorFlags> =
            filed!(data, Files::get_flags(&mut fs(data), fd).await);
        async "[method]descriptor.get-type"(fd: Descriptor) -> Filed<filesystem::DescriptorType> =
            filed!(data, Files::get_type(&mut fs(data), fd).await);
        async "[method]descriptor.set-size"(fd: Descriptor, size: u64) -> Filed<()> =
            filed!(data, Files::set_size(&mut fs(data), fd, size).await);
        async "[method]descriptor.set-times"(
            fd: Descriptor, accessed: filesystem::NewTimestamp, modified: filesystem::NewTimestamp
        ) -> Filed<()> = if timely([&accessed, &modified]) {
            filed!(data, Files::set_times(&mut fs(data), fd, accessed, modified).await)
        } else {
            Err(Code::Overflow)
        };
        async "[method]descriptor.read"(fd: Descriptor, length: u64, offset: u64) -> Filed<(Vec<u8>, bool)> =
            filed!(data, Files::read(&mut fs(data), fd, calls::read(length), offset).await);
        async "[method]descriptor.write"(fd: Descriptor, bytes: WasmList<u8>, offset: u64) [bytes] -> Filed<u64> = {
            filed!(data, Files::write(&mut fs(data), fd, bytes, offset).await)
        };
        async "[method]descriptor.read-directory"(fd: Descriptor) -> Filed<Resource<filesystem::DirectoryEntryStream>> = {
            room(data)?;
            filed!(data, Files::read_directory(&mut fs(data), fd).await)
        };
        async "[method]descriptor.sync"(fd: Descriptor) -> Filed<()> = filed!(data, Files::sync(&mut fs(data), fd).await);
        async "[method]descriptor.create-directory-at"(fd: Descriptor, path: WasmStr) [path] -> Filed<()> = {
            filed!(data, Files::create_directory_at(&mut fs(data), fd, path).await)
        };
        async "[method]descriptor.stat"(fd: Descriptor) -> Filed<filesystem::DescriptorStat> =
            filed!(data, Files::stat(&mut fs(data), fd).await);
        async "[method]descriptor.stat-at"(
            fd: Descriptor, flags: filesystem::PathFlags, path: WasmStr
        ) [path] -> Filed<filesystem::DescriptorStat> = {
            filed!(data, Files::stat_at(&mut fs(data), fd, flags, path).await)
        };
        async "[method]descriptor.set-times-at"(
            fd: Descriptor, flags: filesystem::PathFlags, path: WasmStr, accessed: filesystem::NewTimestamp,
            modified: filesystem::NewTimestamp
        ) [path] -> Filed<()> = {
            if timely([&accessed, &modified]) {
                filed!(data, Files::set_times_at(&mut fs(data), fd, flags, path, accessed, modified).await)
            } else {
                Err(if is_directory(data, fd.rep()) { Code::Overflow } else { Code::NotDirectory })
            }
        };
        async "[method]descriptor.link-at"(
            fd: Descriptor, flags: filesystem::PathFlags, path: WasmStr, new_fd: Descriptor, new_path: WasmStr
        ) [path, new_path] -> Filed<()> = {
            filed!(data, Files::link_at(&mut fs(data), fd, flags, path, new_fd, new_path).await)
        };
        async "[method]descriptor.open-at"(
            fd: Descriptor, path_flags: filesystem::PathFlags, path: WasmStr, how: filesystem::OpenFlags,
            flags: filesystem::DescriptorFlags
        ) [path] -> Filed<Descriptor> = {
            room(data)?;
            filed!(data, Files::open_at(&mut fs(data), fd, path_flags, path, how, flags).await)
        };
        async "[method]descriptor.readlink-at"(fd: Descriptor, path: WasmStr) [path] -> Filed<String> = {
            filed!(data, Files::readlink_at(&mut fs(data), fd, path).await)
        };
        async "[method]descriptor.remove-directory-at"(fd: Descriptor, path: WasmStr) [path] -> Filed<()> = {
            filed!(data, Files::remove_directory_at(&mut fs(data), fd, path).await)
        };
        async "[method]descriptor.rename-at"(
            fd: Descriptor, path: WasmStr, new_fd: Descriptor, new_path: WasmStr
        ) [path, new_path] -> Filed<()> = {
            filed!(data, Files::rename_at(&mut fs(data), fd, path, new_fd, new_path).await)
        };
        async "[method]descriptor.symlink-at"(fd: Descriptor, target: WasmStr, path: WasmStr) [target, path] -> Filed<()> = {
            filed!(data, Files::symlink_at(&mut fs(data), fd, target, path).await)
        };
        async "[method]descriptor.unlink-file-at"(fd: Descriptor, path: WasmStr) [path] -> Filed<()> = {
            filed!(data, Files::unlink_file_at(&mut fs(data), fd, path).await)
        };
        async "[method]descriptor.is-same-object"(fd: Descriptor, other: Descriptor) -> bool =
            Files::is_same_object(&mut fs(data), fd, other).await?;
        async "[method]descriptor.metadata-hash"(fd: Descriptor) -> Filed<filesystem::MetadataHashValue> =
            filed!(data, Files::metadata_hash(&mut fs(data), fd).await);
        async "[method]descriptor.metadata-hash-at"(
            fd: Descriptor, flags: filesystem::PathFlags, path: WasmStr
        ) [path] -> Filed<filesystem::MetadataHashValue> = {
            filed!(data, Files::metadata_hash_at(&mut fs(data), fd, flags, path).await)
        };
        async "[method]directory-entry-stream.read-directory-entry"(
            entries: Resource<filesystem::DirectoryEntryStream>
        ) -> Filed<Option<filesystem::DirectoryEntry>> = filed!(data, Entries::read_directory_entry(&mut fs(data), entries).await);
        sync "filesystem-error-code"(error: Resource<streams::Error>) -> Option<filesystem::ErrorCode> =
            filesystem::Host::filesystem_error_code(&mut fs(data), error)?;
    }
    Ok(())
}

/// Interfaces of one function that makes a resource.
macro_rules! makers {
    ($($link:ident $name:literal ($($arg:ident: $type:ty),*) -> $result:ty = |$data:ident| $body:expr;)*) => {$(
        pub(super) fn $link<T: Data + Send>(interface: &mut LinkerInstance<'_, StoreData<T>>, is_async: bool) -> Result<()> {
            let _ = is_async;
            functions! { interface is_async $data:
                sync $name($($arg: $type),*) -> $result = {
                    room($data)?;
                    $body
                };
            }
            Ok(())
        }
    )*};
}

makers! {
    link_preopens "get-directories"() -> Vec<(Descriptor, String)> =
        |data| preopens::Host::get_directories(&mut fs(data))?;
    link_stdin "get-stdin"() -> Input = |data| stdin::Host::get_stdin(&mut cli(data))?;
    link_stdout "get-stdout"() -> Output = |data| stdout::Host::get_stdout(&mut cli(data))?;
    link_stderr "get-stderr"() -> Output = |data| stderr::Host::get_stderr(&mut cli(data))?;
    link_terminal_stdin "get-terminal-stdin"() -> Option<Resource<terminal_stdin::TerminalInput>> =
        |data| terminal_stdin::Host::get_terminal_stdin(&mut cli(data))?;
    link_terminal_stdout "get-terminal-stdout"() -> Option<Resource<terminal_stdout::TerminalOutput>> =
        |data| terminal_stdout::Host::get_terminal_stdout(&mut cli(data))?;
    link_terminal_stderr "get-terminal-stderr"() -> Option<Resource<terminal_stderr::TerminalOutput>> =
        |data| terminal_stderr::Host::get_terminal_stderr(&mut cli(data))?;
}

// After the macros, which it uses.
#[path = "p2_sockets.rs"]
mod p2_sockets;
