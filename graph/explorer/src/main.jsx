import "graphiql/setup-workers/vite";
import "graphiql/graphiql.css";
import "@graphiql/react/style.css";
import "@graphiql/plugin-doc-explorer/style.css";
import "@graphiql/plugin-explorer/style.css";
import "@graphiql/plugin-history/style.css";
import "./explorer.css";

import { DOC_EXPLORER_PLUGIN } from "@graphiql/plugin-doc-explorer";
import { explorerPlugin } from "@graphiql/plugin-explorer";
import { GraphiQL, HISTORY_PLUGIN } from "graphiql";
import { createRoot } from "react-dom/client";

import { examples } from "./examples.js";
import { fetcher } from "./fetcher.js";
import { ShareButton } from "./ShareButton.jsx";
import { fromLocation } from "./share.js";
import { withoutSecrets } from "./storage.js";

// Where there is no place for the documentation beside the editor, a button opens it.
const IS_NARROW = window.matchMedia("(max-width: 40rem)").matches;

const BUILDER = explorerPlugin({ showAttribution: false });

function Explorer() {
  const shared = fromLocation(window.location);
  // Of the first tab's variables only these are shown on a first visit.
  const first = shared ?? examples[0];
  return (
    <GraphiQL
      fetcher={fetcher}
      defaultTabs={shared ? [shared, ...examples] : examples}
      initialQuery={shared?.query}
      initialVariables={shared ? first.variables : undefined}
      defaultEditorToolsVisibility="variables"
      plugins={[HISTORY_PLUGIN, BUILDER]}
      referencePlugin={DOC_EXPLORER_PLUGIN}
      visiblePlugin={IS_NARROW ? undefined : DOC_EXPLORER_PLUGIN}
      showPersistHeadersSettings={false}
      storage={withoutSecrets(window.localStorage)}
    >
      <GraphiQL.Logo>
        <a className="home" href="../">
          newsgraph
        </a>
      </GraphiQL.Logo>
      <GraphiQL.Toolbar>
        {({ prettify, copy, merge }) => (
          <>
            {prettify}
            {merge}
            {copy}
            <ShareButton />
          </>
        )}
      </GraphiQL.Toolbar>
    </GraphiQL>
  );
}

// A link that is followed within the page opens as one that is followed from elsewhere.
window.addEventListener("hashchange", () => window.location.reload());

createRoot(document.getElementById("explorer")).render(<Explorer />);
