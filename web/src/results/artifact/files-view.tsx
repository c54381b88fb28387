// The files of an artifact, and the way to take them along.
import { Anchor } from "@mantine/core";
import { Download } from "lucide-react";
import { useTranslation } from "react-i18next";
import { downloadAddress } from "../artifacts";
import { formatBytes } from "../format";
import classes from "./artifact.module.css";

interface Props {
  files: readonly { name: string; size: number }[];
  digest: string;
}

export default function FilesView({ files, digest }: Props) {
  const { t } = useTranslation("results");
  return (
    <>
      <table className={classes.plain}>
        <thead>
          <tr>
            <th scope="col">{t("files.name")}</th>
            <th scope="col">{t("files.size")}</th>
          </tr>
        </thead>
        <tbody>
          {files.map((file) => (
            <tr key={file.name}>
              <td className={classes.mono}>{file.name}</td>
              <td>{formatBytes(file.size)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p>
        <Anchor href={downloadAddress(digest)} download>
          <Download size={14} aria-hidden /> {t("files.download", { count: files.length })}
        </Anchor>
      </p>
    </>
  );
}
