# Watches the interface argv[1] in the network namespace it runs in: of each TCP connection that begins while it
# watches, who called whom and the first bytes that the caller sent; and how many packets held the text argv[2].
# Prints "ready", then on SIGTERM one line of JSON. AF_PACKET needs root and no package.
import json, signal, socket, struct, sys

interface, marker = sys.argv[1], sys.argv[2].encode()
watch = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0003))
# Packets that nobody takes in time are dropped; SO_RCVBUFFORCE (33) goes beyond the system's usual limit.
watch.setsockopt(socket.SOL_SOCKET, 33, 16 * 1024 * 1024)
watch.bind((interface, 0))
begun, first, marked, stop = {}, {}, 0, False


def end(*_):
    global stop
    stop = True


signal.signal(signal.SIGTERM, end)
watch.settimeout(0.2)
print("ready", flush=True)
while not stop:
    try:
        frame = watch.recv(65535)
    except TimeoutError:
        continue
    if frame[12:14] != b"\x08\x00" or frame[23] != 6:  # IPv4, TCP
        continue
    ip = frame[14:]
    size = struct.unpack("!H", ip[2:4])[0]
    header = (ip[0] & 15) * 4
    tcp = ip[header:size]
    source, target = struct.unpack("!HH", tcp[:4])
    flow = (socket.inet_ntoa(ip[12:16]), source, socket.inet_ntoa(ip[16:20]), target)
    sequence = struct.unpack("!I", tcp[4:8])[0]
    payload = tcp[(tcp[12] >> 4) * 4 :]
    if marker in payload:
        marked += 1
    if tcp[13] & 0x12 == 0x02:  # SYN without ACK
        begun[flow] = sequence
    # Where the first segment was dropped all the same, a later one is not taken for it.
    if payload and flow not in first and begun.get(flow) == (sequence - 1) % 2**32:
        first[flow] = payload[:3].hex()
calls = [{"from": f, "to": t, "port": p, "first": bytes_} for (f, _, t, p), bytes_ in first.items()]
print(json.dumps({"calls": calls, "marked": marked}), flush=True)
