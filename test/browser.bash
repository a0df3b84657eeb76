# A browser for a test: headless Chromium, which chromedriver drives with the
# words of the WebDriver standard. Load it after helpers.bash. Each browser has
# its files in the test's directory, and ends with the chromedriver.

# within COMMAND...: where the browser runs; a test can put it somewhere else.
within() {
	"$@"
}

# start_driver: a chromedriver; what it logs is in $T/driver.
start_driver() {
	start within chromedriver --port=0 --log-level=WARNING >"$T/driver" 2>&1
	DRIVER_PID=$PID
	until_ok matches "$T/driver" 'started successfully on port ([0-9]+)'
	DRIVER=${BASH_REMATCH[1]}
}

# driver METHOD PATH [JSON]: its answer's value is $VALUE: a string as it is, and
# anything else as JSON.
driver() {
	VALUE=$(within curl -s -m 60 -X "$1" ${3:+--data-binary "$3"} \
	    "http://127.0.0.1:$DRIVER$2" | jq -r '.value |
	    if type == "object" and has("stacktrace") then
		"driver: \(.error): \(.message)\n" | halt_error(1)
	    elif type == "string" then . else tojson end')
}

# open_browser WIDTH HEIGHT [OPTION...]: one with a window of that size, $BROWSER.
open_browser() {
	local options
	options=$(jq -cn '$ARGS.positional' --args -- --headless=new --no-sandbox \
	    --disable-gpu --disable-dev-shm-usage --no-first-run \
	    --disable-background-networking --hide-scrollbars \
	    "--user-data-dir=$(mktemp -d "$T/browser.XXXXXX")" \
	    "--window-size=$1,$2" "${@:3}") || return
	driver POST /session "{\"capabilities\": {\"alwaysMatch\":
	    {\"unhandledPromptBehavior\": \"accept\",
	    \"goog:chromeOptions\": {\"args\": $options}}}}" || return
	BROWSER=/session/$(jq -r .sessionId <<<"$VALUE")
	# What it calls the window's size has its frame in it.
	driver POST "$BROWSER/goog/cdp/execute" "{\"cmd\":
	    \"Emulation.setDeviceMetricsOverride\", \"params\": {\"width\": $1,
	    \"height\": $2, \"deviceScaleFactor\": 1, \"mobile\": false}}"
}

# visit URL. new_window: another one, which is the one that is driven from then
# on; window N goes to one of them, from 0.
visit() {
	driver POST "$BROWSER/url" "$(jq -cn --arg url "$1" '{$url}')"
}
new_window() {
	driver POST "$BROWSER/window/new" '{"type": "window"}' || return
	driver POST "$BROWSER/window" "$(jq -c '{handle}' <<<"$VALUE")"
}
window() {
	driver GET "$BROWSER/window/handles" || return
	driver POST "$BROWSER/window" "$(jq -c "{handle: .[$1]}" <<<"$VALUE")"
}

# js EXPRESSION [ARGUMENT...]: what it is in the page is $VALUE; the arguments are
# strings, in it a[0] and so on.
js() {
	driver POST "$BROWSER/execute/sync" "$(jq -cn --arg script \
	    "const a = arguments; return ($1)" '{$script, args: $ARGS.positional}' \
	    --args -- "${2}")"
}

# is EXPRESSION [ARGUMENT...]: whether it is true. until_is: wait for it, for as
# long as until_ok does or longer; the page itself looks, which takes no process.
is() {
	js "$@" && [ "$VALUE" = true ]
}
until_is() {
	driver POST "$BROWSER/execute/async" "$(jq -cn --arg script "
	    const a = arguments, done = a[a.length - 1], begin = performance.now();
	    (function look() {
		const it = ($1);
		if (it || performance.now() - begin > 25000)
			done(it);
		else
			setTimeout(look, 20);
	    })()" '{$script, args: $ARGS.positional}' --args -- "${2}")" || return
	[ "$VALUE" = true ] || {
		echo "gave up waiting for: $*" >&2
		return 1
	}
}

# type_into SELECTOR TEXT: keys of the keyboard; $ENTER and others are some.
ENTER=$'\ue007' CONTROL=$'\ue009' ESCAPE=$'\ue00c' UP=$'\ue013' DOWN=$'\ue015'
type_into() {
	driver POST "$BROWSER/element" \
	    "$(jq -cn --arg value "$1" '{using: "css selector", $value}')" || return
	type_to_it "$2"
}
# type_on TEXT: to what has the keyboard.
type_on() {
	driver GET "$BROWSER/element/active" || return
	type_to_it "$1"
}
type_to_it() {
	driver POST "$BROWSER/element/$(jq -r '.[]' <<<"$VALUE")/value" \
	    "$(jq -cn --arg text "$1" '{$text}')"
}

# click SELECTOR
click() {
	local element
	driver POST "$BROWSER/element" \
	    "$(jq -cn --arg value "$1" '{using: "css selector", $value}')" || return
	element=$(jq -r '.[]' <<<"$VALUE")
	driver POST "$BROWSER/element/$element/click" '{}'
}

# screenshot FILE: of what the window shows, as PNG.
screenshot() {
	driver GET "$BROWSER/screenshot" && base64 -d <<<"$VALUE" >"$1"
}

# scheme light|dark: what the person wishes for.
scheme() {
	driver POST "$BROWSER/goog/cdp/execute" "{\"cmd\":
	    \"Emulation.setEmulatedMedia\", \"params\": {\"features\":
	    [{\"name\": \"prefers-color-scheme\", \"value\": \"$1\"}]}}"
}

# close_browser: the browser first, or it would outlive the chromedriver.
close_browser() {
	[ -z "${DRIVER:-}" ] || [ -z "${BROWSER:-}" ] ||
	    driver DELETE "$BROWSER" || true
}
