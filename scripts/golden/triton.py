"""Records what tritonclient sends, and holds what a server answers against what it should.

    pip install tritonclient[http]
    python scripts/golden/triton.py --url 127.0.0.1:7077 --model colours --record tests/fixtures/triton-requests.json

The model is that of tests/serving.test.ts: `image`, FP32 [-1, 3, 8, 8], to `colour`, FP32 [-1, 3], its mean colours. Requests go
through a proxy on this machine that writes them down; the client itself is not changed.
"""

import argparse
import base64
import http.client
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import version

import numpy as np
import tritonclient.http as triton


def start_proxy(target: str, record: list) -> ThreadingHTTPServer:
    class Proxy(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def forward(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            headers = {k.lower(): v for k, v in self.headers.items() if k.lower() not in ("host", "connection")}
            connection = http.client.HTTPConnection(target)
            connection.request(self.command, self.path, body=body, headers=headers)
            answer = connection.getresponse()
            data = answer.read()
            record.append(
                dict(
                    method=self.command,
                    path=self.path,
                    headers=headers,
                    body=base64.b64encode(body).decode(),
                    status=answer.status,
                )
            )
            self.send_response(answer.status)
            for key, value in answer.getheaders():
                if key.lower() not in ("transfer-encoding", "connection", "content-length", "keep-alive"):
                    self.send_header(key, value)
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = forward
        do_POST = forward

        def log_message(self, *_args) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Proxy)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def infer(client, model: str, picture: np.ndarray, **options) -> None:
    """Mean colours come back, by JSON and in binary, whole and named, plain and packed."""
    for binary_in in (True, False):
        for binary_out in (True, False):
            given = triton.InferInput("image", list(picture.shape), "FP32")
            given.set_data_from_numpy(picture, binary_data=binary_in)
            wanted = [triton.InferRequestedOutput("colour", binary_data=binary_out)]
            answer = client.infer(model, [given], outputs=wanted, request_id="42", **options)
            assert answer.get_response()["id"] == "42"
            np.testing.assert_allclose(answer.as_numpy("colour"), picture.mean(axis=(2, 3)), rtol=1e-5)
    given = triton.InferInput("image", list(picture.shape), "FP32")
    given.set_data_from_numpy(picture)
    np.testing.assert_allclose(client.infer(model, [given]).as_numpy("colour"), picture.mean(axis=(2, 3)), rtol=1e-5)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--url", required=True)
    parser.add_argument("--model", required=True)
    parser.add_argument("--record")
    args = parser.parse_args()
    record: list = []
    proxy = start_proxy(args.url, record)
    client = triton.InferenceServerClient(f"127.0.0.1:{proxy.server_address[1]}")
    assert client.is_server_live() and client.is_server_ready() and client.is_model_ready(args.model)
    assert "binary_tensor_data" in client.get_server_metadata()["extensions"]
    metadata = client.get_model_metadata(args.model)
    assert metadata["inputs"] == [{"name": "image", "datatype": "FP32", "shape": [-1, 3, 8, 8]}], metadata
    assert client.get_model_config(args.model)["input"][0]["data_type"] == "TYPE_FP32"
    assert any(each["name"] == args.model for each in client.get_model_repository_index())
    picture = np.zeros((2, 3, 8, 8), np.float32)
    picture[0, 0] = 1
    picture[1, 2] = 0.5
    infer(client, args.model, picture)
    infer(client, args.model, picture[:1], model_version="1")
    given = triton.InferInput("image", [1, 3, 8, 8], "FP32")
    given.set_data_from_numpy(picture[:1])
    packed = client.infer(args.model, [given], request_compression_algorithm="gzip")
    np.testing.assert_allclose(packed.as_numpy("colour"), [[1, 0, 0]])
    assert client.async_infer(args.model, [given]).get_result().as_numpy("colour").shape == (1, 3)
    assert client.get_inference_statistics(args.model)["model_stats"][0]["name"] == args.model
    try:
        client.infer("nothing", [given])
    except triton.InferenceServerException as error:
        assert "nothing" in str(error), error
    else:
        raise AssertionError("an unknown model was answered")
    client.close()
    proxy.shutdown()
    if args.record:
        with open(args.record, "w") as file:
            json.dump(dict(tritonclient=version("tritonclient"), model=args.model, requests=record), file, indent=1)
            file.write("\n")
    print(f"tritonclient {version('tritonclient')}: {len(record)} requests answered as they should be")


if __name__ == "__main__":
    main()
