// Follows a channel with the official Go SDK and prints one JSON line for each thing that happens, until it is killed.
//
//	centrifuge-go <websocket url> <json|protobuf> <channel>
package main

import (
	"encoding/json"
	"log"
	"os"

	"github.com/centrifugal/centrifuge-go"
)

func main() {
	url, encoding, channel := os.Args[1], os.Args[2], os.Args[3]
	newClient := centrifuge.NewJsonClient
	if encoding == "protobuf" {
		newClient = centrifuge.NewProtobufClient
	}
	client := newClient(url, centrifuge.Config{})
	subscription, err := client.NewSubscription(channel)
	if err != nil {
		log.Fatal(err)
	}
	// The SDK calls its handlers one after the other.
	out := json.NewEncoder(os.Stdout)
	subscription.OnSubscribed(func(event centrifuge.SubscribedEvent) {
		report(out, map[string]any{"event": "subscribed", "recovered": event.Recovered})
	})
	subscription.OnPublication(func(event centrifuge.PublicationEvent) {
		data := json.RawMessage(event.Data)
		report(out, map[string]any{"event": "publication", "offset": event.Offset, "data": data})
	})
	if err := subscription.Subscribe(); err != nil {
		log.Fatal(err)
	}
	if err := client.Connect(); err != nil {
		log.Fatal(err)
	}
	select {}
}

func report(out *json.Encoder, event map[string]any) {
	if err := out.Encode(event); err != nil {
		log.Fatal(err)
	}
}
