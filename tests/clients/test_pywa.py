"""A real SDK of the Cloud API (pywa) against the simulator: what it takes and says is what Meta takes and says."""

import json
import os
import pathlib
import queue
import signal
import subprocess
import tempfile
import threading
import time
import unittest
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from pywa import WhatsApp
from pywa.errors import WhatsAppError
from pywa.types import Button
from pywa.types.templates import TemplateLanguage

NUMBER, WABA, TOKEN, CUSTOMER = "100000000000001", "200000000000001", "EAASIMULATED", "34600000001"
SECRET = "0123456789abcdef0123456789abcdef"
WITHIN_S = 20
# The smallest PNG: one transparent pixel.
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360606060"
    "0000000500010d0a2db40000000049454e44ae426082"
)


class Webhooks(BaseHTTPRequestHandler):
    """Takes what the simulator posts, as it came."""

    came: "queue.Queue[tuple[bytes, str]]" = queue.Queue()

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.came.put((body, self.headers["X-Hub-Signature-256"]))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_):
        pass


class TheSdkAndTheSimulator(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = ThreadingHTTPServer(("127.0.0.1", 0), Webhooks)
        threading.Thread(target=cls.server.serve_forever, daemon=True).start()
        cls.folder = tempfile.TemporaryDirectory()
        ready = pathlib.Path(cls.folder.name, "ready.json")
        callback = f"http://127.0.0.1:{cls.server.server_port}/"
        cls.simulator = subprocess.Popen(
            [os.environ["TRUNKLINE"], "sim", "--listen", "127.0.0.1:0", "--quiet-phones", "--callback-url", callback]
            + ["--app-secret", SECRET, "--ready-file", str(ready)],
            stderr=subprocess.DEVNULL,
        )
        begun = time.monotonic()
        while not ready.exists():
            if cls.simulator.poll() is not None or time.monotonic() - begun > WITHIN_S:
                cls.simulator.kill()
                raise RuntimeError("the simulator did not start")
            time.sleep(0.02)
        cls.url = json.loads(ready.read_text())["sim_url"]

    @classmethod
    def tearDownClass(cls):
        cls.simulator.send_signal(signal.SIGTERM)
        cls.simulator.wait(timeout=WITHIN_S)
        cls.server.shutdown()
        cls.server.server_close()
        cls.folder.cleanup()

    def sdk(self, token=TOKEN):
        client = WhatsApp(
            phone_id=NUMBER, token=token, waba_id=WABA, app_secret=SECRET, verify_token="unused", server=None
        )
        # The one thing that the SDK has no setting for: another address than Meta's.
        client.api._session.base_url = f"{self.url}/v24.0"
        return client

    def control(self, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}/_sim/{path}", data=data)
        request.add_header("Content-Type", "application/json")
        with urllib.request.urlopen(request, timeout=WITHIN_S) as answer:
            return json.load(answer)

    def customer_says(self, text):
        body = {"phone_number_id": NUMBER, "from": CUSTOMER, "message": {"type": "text", "text": {"body": text}}}
        return self.control("inbound", body)["wamid"]

    def sent(self, wamid):
        rows = self.control(f"outbound?phone_number_id={NUMBER}")["data"]
        found = [row for row in rows if row["wamid"] == wamid]
        self.assertEqual(len(found), 1, f"{wamid} is not on the phone once: {rows}")
        body = found[0]["body"]
        return body if isinstance(body, dict) else json.loads(body)

    def webhook_with(self, wanted):
        """The first webhook that holds this text, with its signature."""
        ends = time.monotonic() + WITHIN_S
        while True:
            body, signature = Webhooks.came.get(timeout=max(0.01, ends - time.monotonic()))
            if wanted.encode() in body:
                return body, signature

    def test_a_text_is_taken_and_is_on_the_phone(self):
        self.customer_says("hola")
        message = self.sdk().send_message(CUSTOMER, "Buenos días", preview_url=False)
        self.assertTrue(message.id.startswith("wamid."), message.id)
        self.assertEqual(self.sent(message.id)["text"]["body"], "Buenos días")

    def test_an_image_by_link_is_taken(self):
        self.customer_says("hola")
        message = self.sdk().send_image(CUSTOMER, "https://example.com/pan.jpg", caption="Pan")
        image = self.sent(message.id)["image"]
        self.assertEqual((image["link"], image["caption"]), ("https://example.com/pan.jpg", "Pan"))

    def test_reply_buttons_are_taken(self):
        self.customer_says("hola")
        buttons = [Button("Sí", callback_data="yes"), Button("No", callback_data="no")]
        message = self.sdk().send_message(CUSTOMER, "¿Le guardo una?", buttons=buttons)
        sent = self.sent(message.id)["interactive"]
        self.assertEqual([one["reply"]["id"] for one in sent["action"]["buttons"]], ["yes", "no"])

    def test_an_approved_template_is_taken_and_one_that_does_not_exist_is_refused(self):
        sdk = self.sdk()
        message = sdk.send_template(CUSTOMER, "hello_world", TemplateLanguage.ENGLISH_US, [])
        self.assertEqual(self.sent(message.id)["template"]["name"], "hello_world")
        with self.assertRaises(WhatsAppError) as refused:
            sdk.send_template(CUSTOMER, "no_such_template", TemplateLanguage.ENGLISH_US, [])
        self.assertEqual(refused.exception.code, 132001)

    def test_media_is_uploaded_sent_by_its_id_and_read_back(self):
        self.customer_says("hola")
        sdk = self.sdk()
        media = sdk.upload_media(PNG, mime_type="image/png", filename="pixel.png")
        message = sdk.send_image(CUSTOMER, media.id)
        self.assertEqual(self.sent(message.id)["image"]["id"], media.id)
        self.assertEqual(sdk.get_media_url(media.id).mime_type, "image/png")

    def test_a_wrong_token_is_metas_error_190(self):
        with self.assertRaises(WhatsAppError) as refused:
            self.sdk(token="EAAWRONG").send_message(CUSTOMER, "x")
        self.assertEqual(refused.exception.code, 190)

    def test_webhooks_are_signed_and_understood(self):
        sdk, seen = self.sdk(), queue.Queue()
        sdk.on_message()(lambda _, message: seen.put(message))
        sdk.on_message_status()(lambda _, status: seen.put(status))
        wamid = self.customer_says("¿Tienen pan sin sal?")
        body, signature = self.webhook_with(wamid)
        answer, status = sdk.webhook_update_handler(body, signature)
        self.assertEqual(status, 200, answer)
        message = seen.get(timeout=WITHIN_S)
        self.assertEqual((message.id, message.text, message.from_user.wa_id), (wamid, "¿Tienen pan sin sal?", CUSTOMER))

        _, status = sdk.webhook_update_handler(body, "sha256=" + "0" * 64)
        self.assertNotEqual(status, 200, "a forged signature was taken")

        sent = sdk.send_message(CUSTOMER, "Los martes")
        body, signature = self.webhook_with(f'"id":"{sent.id}"')
        sdk.webhook_update_handler(body, signature)
        status = seen.get(timeout=WITHIN_S)
        self.assertEqual((status.id, status.status.value), (sent.id, "sent"))


if __name__ == "__main__":
    unittest.main()
