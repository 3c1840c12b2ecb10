"""A server of its own: set-up, a provider, and a kill (acceptance 1, 2, 15, 39, 56, 62)."""

from __future__ import annotations

import contextlib
import json
import re
import signal
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from playwright.sync_api import Error, Locator, Page, expect
from tests.boto3.identities import allow, trust
from tests.console.conftest import SESSION_KEY, Watched
from tests.console.drawn_dataset import Shop, line
from tests.console.test_labelling import add_labels
from tests.support.drawn_project import drawn_project
from tests.support.eventually import until
from tests.support.live_server import TRAINING_BUDGET, LiveServer
from tests.support.openid_provider import CLIENT, SECRET, OpenIdProvider, openid_provider

LARGEST = 1 << 20  # bytes of a manifest; 1 GB in `python -m bench console --manifest`
IMPORTED_MS = 90_000  # by a process that starts for it
TRAINED_MS = 500_000  # on two cores that others use, too
SIGN_IN = "one => one.name.includes('/assets/sign-in-')"
PROPOSED = re.compile(r"custom-labels-console-us-east-1-[0-9a-f]{10}")


@pytest.fixture(scope="module")
def provider() -> Iterator[OpenIdProvider]:
    with openid_provider() as served:
        yield served


@pytest.fixture(scope="module")
def fresh(
    tmp_path_factory: pytest.TempPathFactory, provider: OpenIdProvider
) -> Iterator[LiveServer]:
    given = {
        "LENSMITH_QUOTA_MANIFEST_BYTES": str(LARGEST),
        "LENSMITH_OIDC_ISSUER": provider.issuer,
        "LENSMITH_OIDC_CLIENT_ID": CLIENT,
        "LENSMITH_OIDC_CLIENT_SECRET": SECRET,
        "LENSMITH_OIDC_ROLES": "vision=labeller",
        "LENSMITH_PRECISION": "float32",
        "LENSMITH_TRAINING_BUDGET": "3600",  # so that it outlasts what happens meanwhile
        "LENSMITH_TRAINING_THREADS": "1",
    }
    live = LiveServer(tmp_path_factory.mktemp("fresh"), given=given, makes_records=True)
    live.start()
    yield live
    live.stop()


def signed_in(stranger: Callable[[str], Watched], fresh: LiveServer) -> Watched:
    console = stranger(f"http://127.0.0.1:{fresh.port}")
    token = urlsplit(fresh.run("console").strip()).fragment
    page = console.open(f"/#{token}")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    return console


def set_up(page: Page) -> str:
    """Create the bucket that the dialog proposes; returns its name."""
    dialog = page.get_by_role("dialog", name="First time set up")
    expect(dialog).to_contain_text(PROPOSED)  # its words may come after the dialog
    found = PROPOSED.search(dialog.text_content() or "")  # an inner text is empty while it fades in
    assert found
    dialog.get_by_test_id("create-bucket").click()
    expect(page.get_by_text(f"Bucket {found[0]} was created.")).to_be_visible()
    return found[0]


def set_up_where_missing(page: Page, otherwise: Locator) -> None:
    """Create the bucket, unless the page shows what it shows with one."""
    missing = page.get_by_test_id("create-bucket")
    expect(otherwise.or_(missing).first).to_be_visible()
    if missing.is_visible():
        set_up(page)


def test_01_02_the_console_is_blocked_until_its_bucket_is_there(
    stranger: Callable[[str], Watched], fresh: LiveServer
) -> None:
    console = signed_in(stranger, fresh)
    page = console.open("/projects")
    dialog = page.get_by_role("dialog", name="First time set up")
    dialog.get_by_role("button", name="Cancel").click()
    expect(page).to_have_url(re.compile(r":\d+/$"))
    page.get_by_role("navigation", name="Navigation").get_by_role(
        "link", name="Projects", exact=True
    ).click()
    expect(page.get_by_text("The console cannot be used without its bucket.")).to_be_visible()
    page.get_by_role("button", name="Set up now").click()
    bucket = set_up(page)
    expect(page.get_by_role("heading", level=1, name="Projects")).to_be_visible()
    console.open("/storage")
    expect(page.get_by_role("link", name=bucket)).to_be_visible()
    expect(dialog).to_have_count(0)


def test_56_62_a_killed_server_costs_no_label_and_saving_twice_writes_once(
    stranger: Callable[[str], Watched], fresh: LiveServer
) -> None:
    console = signed_in(stranger, fresh)
    shop = Shop(fresh.rekognition(), fresh.s3())
    fruits = shop.fruit(3, labeled=0)
    page = console.open(f"/projects/{fruits.project}/label/train")
    tiles = page.get_by_test_id("tile")
    set_up_where_missing(page, tiles)
    add_labels(page, "plum")
    tiles.nth(1).click()
    page.keyboard.press("1")
    expect(page.get_by_test_id("unsaved")).to_have_text("1 unsaved")
    fresh.stop(signal.SIGKILL)
    page.get_by_test_id("save-changes").click()
    expect(page.get_by_text("Connection lost, retrying")).to_be_visible()
    tiles.nth(2).click()
    tiles.nth(1).click()
    page.keyboard.press("1")  # labels go on meanwhile
    expect(page.get_by_test_id("unsaved")).to_have_text("2 unsaved")
    fresh.start()
    expect(page.get_by_text("Connection lost, retrying")).to_have_count(0)
    page.keyboard.press("Control+s")  # beside the save that is repeated by itself
    expect(page.get_by_test_id("unsaved")).to_have_count(0)
    assert shop.image_labels(fruits.dataset_arn) == {"001.png": ["plum"], "002.png": ["plum"]}


def test_15_a_manifest_that_is_too_large_fails_with_its_cure(
    stranger: Callable[[str], Watched], fresh: LiveServer
) -> None:
    console = signed_in(stranger, fresh)
    shop = Shop(fresh.rekognition(), fresh.s3())
    name, _ = shop.project()
    entry = json.dumps(line("s3://farm/apple.png", ["apple"])) + "\n"
    content = entry * (LARGEST * 11 // 10 // len(entry))
    bucket = shop.bucket({"large.manifest": content.encode()})
    page = console.open(f"/projects/{name}/datasets/create")
    source = page.get_by_role("radio", name=re.compile("Ground Truth"))
    set_up_where_missing(page, source)
    source.check()
    page.get_by_test_id("object-uri").get_by_role("textbox").fill(f"s3://{bucket}/large.manifest")
    expect(page.get_by_test_id("bucket-policy")).to_be_visible()  # S8: not the console's bucket
    page.get_by_test_id("create-dataset").click()
    failed = page.get_by_test_id("import-failed")
    expect(failed).to_contain_text("ERROR_MANIFEST_SIZE_TOO_LARGE", timeout=IMPORTED_MS)
    advice = page.get_by_test_id("failure-advice")
    expect(advice).to_contain_text("Split the manifest")
    expect(advice.get_by_role("link")).to_have_attribute("href", "/storage")


def test_62_the_drafts_of_a_tab_that_crashed_come_back(
    stranger: Callable[[str], Watched], fresh: LiveServer
) -> None:
    console = signed_in(stranger, fresh)
    fruits = Shop(fresh.rekognition(), fresh.s3()).fruit(3, labeled=0)
    page = console.open(f"/projects/{fruits.project}/label/train")
    set_up_where_missing(page, page.get_by_test_id("tile"))
    add_labels(page, "plum")
    page.get_by_test_id("tile").first.click()
    page.keyboard.press("1")
    expect(page.get_by_test_id("unsaved")).to_have_text("1 unsaved")
    token = page.evaluate(f"sessionStorage.getItem('{SESSION_KEY}')")
    page.context.add_init_script(f"sessionStorage.setItem('{SESSION_KEY}', '{token}')")
    crash(page)
    again = page.context.new_page()
    again.goto(f"{console.url}/projects/{fruits.project}/label/train")
    expect(again.get_by_test_id("unsaved")).to_have_text("1 unsaved")


def test_56_signing_out_of_a_server_that_is_away_leaves_nothing_in_the_browser(
    stranger: Callable[[str], Watched], fresh: LiveServer
) -> None:
    page = signed_in(stranger, fresh).page
    # The form that signs in comes after the page.
    page.wait_for_function(f"performance.getEntriesByType('resource').some({SIGN_IN})")
    fresh.stop(signal.SIGKILL)
    page.get_by_role("button", name="admin @").click()
    page.get_by_role("menuitem", name="Sign out").click()
    expect(page.get_by_test_id("left-session")).to_contain_text("could not be reached")
    assert page.evaluate(f"sessionStorage.getItem('{SESSION_KEY}')") is None
    fresh.start()


def trust_provider(fresh: LiveServer, issuer: str) -> None:
    """Make the role labeller, which people of the provider get."""
    given, host = fresh.environment(), issuer.removeprefix("http://")
    iam: Any = boto3.client(
        "iam",
        endpoint_url=given["AWS_ENDPOINT_URL_IAM"],
        region_name="us-east-1",
        aws_access_key_id=given["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=given["AWS_SECRET_ACCESS_KEY"],
    )
    federated = {"Federated": f"arn:aws:iam::000000000000:oidc-provider/{host}"}
    document = trust(
        federated,
        "sts:AssumeRoleWithWebIdentity",
        Condition={"StringEquals": {f"{host}:aud": CLIENT}},
    )
    iam.create_role(RoleName="labeller", AssumeRolePolicyDocument=document)
    iam.put_role_policy(RoleName="labeller", PolicyName="p", PolicyDocument=allow("*"))


def test_a_person_signs_in_by_a_provider(
    stranger: Callable[[str], Watched], fresh: LiveServer, provider: OpenIdProvider
) -> None:
    trust_provider(fresh, provider.issuer)
    console = stranger(f"http://127.0.0.1:{fresh.port}")
    page = console.page

    def press() -> None:
        console.open("/")
        page.get_by_test_id("sign-in-provider").click()

    person = {"sub": "ada", "email": "ada@id.example", "groups": ["vision"]}
    for wrong, message in (
        ({"nonce": "another"}, "not of this sign-in"),
        ({"aud": "another client"}, "did not sign you in"),
        ({"groups": ["else"]}, "has a role"),
    ):
        provider.claims = {**person, **wrong}
        press()
        expect(page.get_by_text(message)).to_be_visible()
    provider.claims = person
    provider.state = "another"
    press()
    expect(page.get_by_text("begun by another browser")).to_be_visible()
    provider.state = ""
    console.open("/")
    assert page.evaluate(f"sessionStorage.getItem('{SESSION_KEY}')") is None
    page.get_by_test_id("sign-in-provider").click()
    menu = page.get_by_role("button", name="ada@id.example @")
    expect(menu).to_be_visible()
    assert "token" not in page.url
    assert page.evaluate(f"sessionStorage.getItem('{SESSION_KEY}')")
    left = [url for url in console.foreign if not url.startswith(f"{provider.issuer}/authorize?")]
    assert left == []
    console.foreign.clear()  # the person was sent to the provider, and nothing else


@pytest.mark.timeout(600)  # a training that begins twice
def test_39_a_training_goes_on_after_a_kill(
    stranger: Callable[[str], Watched], fresh: LiveServer
) -> None:
    console = signed_in(stranger, fresh)
    page = console.open("/datasets")
    dialog = page.get_by_test_id("create-bucket")
    expect(page.get_by_role("heading", level=1, name="Datasets").or_(dialog).first).to_be_visible()
    if dialog.is_visible():
        set_up(page)
    client = fresh.rekognition()
    project, arn = drawn_project(client, fresh.s3())
    version = client.create_project_version(
        ProjectArn=arn,
        VersionName="v1",
        OutputConfig={"S3Bucket": project, "S3KeyPrefix": "out"},
    )["ProjectVersionArn"]
    console.open(f"/projects/{project}/models/v1")
    expect(page.get_by_test_id("training-bar")).to_be_visible()
    until(lambda: starts(fresh, version) == 1)
    fresh.stop(signal.SIGKILL)
    expect(page.get_by_text("Connection lost, retrying")).to_be_visible()
    fresh.given["LENSMITH_TRAINING_BUDGET"] = TRAINING_BUDGET
    fresh.start()
    expect(page.get_by_text("Connection lost, retrying")).to_have_count(0)
    expect(
        page.get_by_test_id("figures").or_(page.get_by_test_id("training-progress"))
    ).to_be_visible()
    expect(page.get_by_test_id("figures")).to_be_visible(timeout=TRAINED_MS)
    assert starts(fresh, version) == 2


def starts(fresh: LiveServer, version: str) -> int:
    """How often the server has begun to train a version."""
    lines = fresh.log.read_text().splitlines()
    return len([line for line in lines if "training started" in line and version in line])


def crash(page: Page) -> None:
    """End the renderer of a tab at once, as kill -9 does."""
    with page.expect_event("crash"), contextlib.suppress(Error):
        page.goto("chrome://crash", wait_until="commit")
