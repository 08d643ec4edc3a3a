import protobuf from 'protobufjs';

/**
 * The messages of the client protocol that this server reads and writes, with the field numbers and names of
 * https://github.com/centrifugal/protocol (`client.proto`). A field with a message is declared as `bytes` if its
 * encoding is shared or made separately: on the wire the two are the same. Fields that are not listed are ignored.
 */
const schema = `
  syntax = "proto3";
  message Command {
    uint32 id = 1;
    ConnectRequest connect = 4;
    SubscribeRequest subscribe = 5;
    ChannelRequest unsubscribe = 6;
    Empty publish = 7;
    Empty presence = 8;
    ChannelRequest presence_stats = 9;
    HistoryRequest history = 10;
    Empty ping = 11;
    Empty send = 12;
    Empty rpc = 13;
    RefreshRequest refresh = 14;
    Empty sub_refresh = 15;
  }
  message Empty {}
  message RefreshRequest { string token = 1; }
  message ChannelRequest { string channel = 1; }
  message ConnectRequest {
    string token = 1;
    bytes data = 2;
    map<string, SubscribeRequest> subs = 3;
    string name = 4;
    string version = 5;
  }
  message SubscribeRequest {
    string channel = 1;
    string token = 2;
    bool recover = 3;
    string epoch = 6;
    uint64 offset = 7;
    bytes data = 8;
    bytes tf = 13;
    int64 flag = 14;
    int32 type = 15;
  }
  message HistoryRequest {
    string channel = 1;
    int32 limit = 7;
    StreamPosition since = 8;
    bool reverse = 9;
  }
  message StreamPosition { uint64 offset = 1; string epoch = 2; }

  message Reply {
    uint32 id = 1;
    Error error = 2;
    bytes push = 4;
    ConnectResult connect = 5;
    bytes subscribe = 6;
    Empty unsubscribe = 7;
    PresenceStatsResult presence_stats = 10;
    bytes history = 11;
    Empty ping = 12;
    RefreshResult refresh = 14;
  }
  message Error { uint32 code = 1; string message = 2; bool temporary = 3; }
  message ConnectResult {
    string client = 1;
    string version = 2;
    bool expires = 3;
    uint32 ttl = 4;
    bytes data = 5;
    map<string, bytes> subs = 6;
    uint32 ping = 7;
    bool pong = 8;
    string session = 9;
    string node = 10;
  }
  message RefreshResult {
    string client = 1;
    string version = 2;
    bool expires = 3;
    uint32 ttl = 4;
  }
  message SubscribeResult {
    bool recoverable = 3;
    string epoch = 6;
    bool recovered = 8;
    uint64 offset = 9;
    bool positioned = 10;
    bool was_recovering = 12;
  }
  message PresenceStatsResult { uint32 num_clients = 1; uint32 num_users = 2; }
  message HistoryResult {
    string epoch = 2;
    uint64 offset = 3;
  }

  message Push {
    string channel = 2;
    bytes pub = 4;
    Unsubscribe unsubscribe = 7;
    Message message = 8;
    Disconnect disconnect = 11;
  }
  message Disconnect { uint32 code = 1; string reason = 2; }
  message EmulationRequest { string node = 1; string session = 2; bytes data = 3; }
  message Publication {
    bytes data = 4;
    uint64 offset = 6;
    map<string, string> tags = 7;
    string epoch = 14;
  }
  message Unsubscribe { uint32 code = 2; string reason = 3; }
  message Message { bytes data = 1; }
`;

const { root } = protobuf.parse(schema, { keepCase: true });

export const protobufTypes = {
  command: root.lookupType('Command'),
  reply: root.lookupType('Reply'),
  subscribeResult: root.lookupType('SubscribeResult'),
  historyResult: root.lookupType('HistoryResult'),
  push: root.lookupType('Push'),
  publication: root.lookupType('Publication'),
  emulationRequest: root.lookupType('EmulationRequest'),
} as const;
