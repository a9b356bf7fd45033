/// What keeps the page fresh.
///
/// It asks for the page again when something happens, and every two seconds while it is looked at. Without it,
/// the page reloads itself.
enum DashboardScript {
    static let text = """
        (function () {
          'use strict';
          document.documentElement.dataset.live = 'yes';
          var stale = document.getElementById('stale'), timer = null, busy = false;
          function refresh() {
            if (busy || document.hidden) { return; }
            busy = true;
            fetch('/', {headers: {Accept: 'text/html'}, cache: 'no-store'}).then(function (r) {
              if (!r.ok) { throw new Error(r.status); }
              return r.text();
            }).then(function (text) {
              var next = new DOMParser().parseFromString(text, 'text/html');
              ['facts', 'content'].forEach(function (id) {
                var old = document.getElementById(id), fresh = next.getElementById(id);
                if (old.innerHTML !== fresh.innerHTML) {
                  var focus = document.activeElement && document.activeElement.id;
                  old.innerHTML = fresh.innerHTML;
                  if (focus && document.getElementById(focus)) { document.getElementById(focus).focus(); }
                }
              });
              document.title = next.title;
              stale.textContent = '';
            }).catch(function () {
              if (!stale.textContent) {
                stale.textContent = 'No answer since ' + new Date().toLocaleTimeString();
              }
            }).then(function () { busy = false; });
          }
          function soon() { clearTimeout(timer); timer = setTimeout(refresh, 100); }
          var events = new EventSource('/events');
          ['decision', 'refusal', 'notice', 'role', 'generation', 'record'].forEach(function (kind) {
            events.addEventListener(kind, soon);
          });
          document.addEventListener('visibilitychange', soon);
          setInterval(refresh, 2000);
        })();
        """
}
