// A stand-in for Meta's JavaScript SDK: the calls that a page makes for a sign-up, and nothing else.
(function () {
  'use strict';
  if (window.FB) return;
  const script = document.currentScript;
  const home = script && script.src ? new URL(script.src).origin : location.origin;
  let settings = null;

  function init(options) {
    if (!options || !options.appId) throw new Error('init() needs an appId');
    if (!/^v\d+\.\d+$/.test(options.version || '')) throw new Error('init() needs a valid version');
    settings = { appId: String(options.appId), version: options.version };
  }

  function login(callback, options) {
    if (typeof callback !== 'function') throw new Error('FB.login() needs a function');
    if (!settings) {
      console.error('FB.login() called before FB.init().');
      return;
    }
    const wish = options || {};
    const channel = 'f' + Array.from(crypto.getRandomValues(new Uint8Array(8)), (b) => b.toString(16).padStart(2, '0')).join('');
    const query = new URLSearchParams({
      app_id: settings.appId,
      client_id: settings.appId,
      config_id: wish.config_id || '',
      response_type: wish.response_type || 'token',
      override_default_response_type: String(Boolean(wish.override_default_response_type)),
      display: 'popup',
      extras: JSON.stringify(wish.extras || {}),
      channel,
      origin: location.origin,
    });
    const popup = window.open(home + '/' + settings.version + '/dialog/oauth?' + query, 'sim_login_' + channel, 'popup,width=560,height=720');
    let done = false;
    const finish = (response) => {
      if (done) return;
      done = true;
      clearInterval(watch);
      window.removeEventListener('message', hear);
      callback(response);
    };
    const hear = (event) => {
      if (event.origin === home && event.data && event.data.channel === channel) finish(event.data.response);
    };
    // A popup that is gone without a word was given up; its last words may still be under way.
    const watch = setInterval(() => {
      if (!popup || popup.closed) setTimeout(() => finish({ authResponse: null, status: 'unknown' }), popup ? 1500 : 0);
    }, 300);
    window.addEventListener('message', hear);
  }

  const nothing = () => undefined;
  window.FB = {
    init,
    login,
    logout: (callback) => callback && callback({ authResponse: null, status: 'unknown' }),
    getLoginStatus: (callback) => callback && callback({ authResponse: null, status: 'unknown' }),
    AppEvents: { logPageView: nothing, logEvent: nothing },
    XFBML: { parse: nothing },
    Event: { subscribe: nothing, unsubscribe: nothing },
  };
  if (typeof window.fbAsyncInit === 'function') window.fbAsyncInit();
})();
