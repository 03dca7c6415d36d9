import { ToolbarButton, useGraphiQL } from "@graphiql/react";
import { useState } from "react";

import { linkTo } from "./share.js";

/** Puts the link to the operation in the editor into the address bar and the clipboard. */
export function ShareButton() {
  const { queryEditor, variableEditor } = useGraphiQL((state) => ({
    queryEditor: state.queryEditor,
    variableEditor: state.variableEditor,
  }));
  const [said, setSaid] = useState("");

  async function share() {
    const link = linkTo(queryEditor.getValue(), variableEditor?.getValue() ?? "", window.location);
    window.history.replaceState(null, "", link);
    try {
      await navigator.clipboard.writeText(link);
      setSaid("The link is in the clipboard.");
    } catch {
      setSaid("The link is in the address bar."); // the browser keeps its clipboard to itself
    }
  }

  return (
    <>
      <ToolbarButton label="Share this operation by a link" onClick={share}>
        <svg className="graphiql-toolbar-icon" viewBox="0 0 24 24" aria-hidden="true">
          <path
            d="M10 14a4.5 4.5 0 0 0 6.4 0l3.2-3.2a4.5 4.5 0 0 0-6.4-6.4L12 5.600M14 10a4.500 4.500 0 0 0-6.400 0l-3.200 3.200a4.500 4.500 0 0 0 6.400 6.400L12 18.400"
            fill="none"
            stroke="currentColor"
            strokeWidth="1.8"
            strokeLinecap="round"
          />
        </svg>
      </ToolbarButton>
      <span className="said" role="status">
        {said}
      </span>
    </>
  );
}
