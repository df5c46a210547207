"""What the contract says of events and queues: the options of questline/event/v1/options.proto."""
import collections

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

from .stack import ROOT

EventType = collections.namedtuple("EventType", "name key publisher stream")
# short_name: "arena", or "arena.prizes" for a further queue of the service.
Queue = collections.namedtuple("Queue", "name short_name service bindings")


def _files():
    return descriptor_pb2.FileDescriptorSet.FromString((ROOT / "generated/questline.desc").read_bytes()).file


def _reader():
    """read(options, extension): the value that options, read without our extensions, hold of one of them."""
    pool = descriptor_pool.DescriptorPool()
    for file in _files():
        pool.Add(file)
    factory = message_factory.MessageFactory(pool)
    factory.GetMessages([file.name for file in _files()])

    def read(options, extension):
        field = pool.FindExtensionByName(extension)
        known = factory.GetPrototype(field.containing_type).FromString(options.SerializeToString())
        if field.message_type is not None and not known.HasExtension(field):
            return None
        return known.Extensions[field]

    return read


_read = _reader()


def event_types():
    found = []
    for file in _files():
        for message in file.message_type:
            event = _read(message.options, "questline.event.v1.event")
            for name in (event.types or [message.name]) if event else []:
                found.append(EventType(name, event.key, event.publisher, event.stream))
    return found


def queues():
    found = []
    for file in _files():
        for service in file.service:
            queue = _read(service.options, "questline.event.v1.queue")
            if queue:
                domain, version = file.package.split(".")[1:]
                short_name = ".".join(filter(None, (domain, queue.name)))
                found.append(Queue(f"questline.{short_name}.{version}", short_name, domain, list(queue.bind)))
    return found


def streams():
    return sorted({f"questline.{event.stream}.v1" for event in event_types() if event.stream})


def custom_publisher():
    return next(file.package.split(".")[1] for file in _files() for service in file.service
                if _read(service.options, "questline.event.v1.publishes_custom"))
